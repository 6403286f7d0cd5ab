/** No vowels and no look-alikes, so that no word is formed (apimachinery/pkg/util/rand). */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** `random` gives numbers in [0, 1). */
export function randomString(length: number, random: () => number): string {
  let text = ''
  while (text.length < length) text += alphabet.charAt(Math.floor(random() * alphabet.length))
  return text
}

/** A name for metadata.generateName: the base cut to 58 characters and five random ones (apiserver/pkg/storage/names). */
export function generateName(base: string, random: () => number): string {
  return base.slice(0, 58) + randomString(5, random)
}

/** A string of decimal digits or the like in the alphabet of random names (SafeEncodeString). */
export function safeEncodeString(text: string): string {
  return Array.from(text, char => alphabet.charAt((char.codePointAt(0) ?? 0) % alphabet.length)).join('')
}
