/** Made once: making one takes longer than formatting a thousand times with it. */
const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})

/** `14:06:02.123` of milliseconds since the epoch, in the user's time zone. */
export const clockTime = (ms: number): string => clock.format(ms)
