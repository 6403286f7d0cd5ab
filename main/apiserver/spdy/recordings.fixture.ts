/** What moby/spdystream 0.5.1 sends for the streams error, stdin ("hello\n" and its end), stdout and stderr, and a ping. */
export const execBytes = Buffer.from(
  'gAMAAQAAACkAAAABAAAAAAAAePnjxqfCYmBgYASns5Ki1MRcaFHCmgoKaAAAAAD//4ADAAEAAAAXAAAAAwAAAAAAAMIuVVySkpkHAAAA//+AAwABAAAAGQAA' +
    'AAUAAAAAAADCKsVWXJKSX1oCAAAA//+AAwABAAAAFQAAAAcAAAAAAADCKZdaVAQAAAD//wAAAAMAAAAGaGVsbG8KAAAAAwEAAACAAwAGAAAABAAAAAE=',
  'base64',
)

/** And for two connections to port-forward: one that carries a request, and one that is reset before the client leaves. */
export const portForwardBytes = Buffer.from(
  'gAMAAQAAAD0AAAABAAAAAAAAePnjxqfCAiU6cDorKUpNzIUWJaypoICGFMtFoCTMZGHAwMDAWQSJxExQ4mY0AAAAAP//AAAAAQEAAACAAwABAAAAGAAAAAMA' +
    'AAAAAADCqhVUCiUS0gkAAAD//wAAAAMAAAASR0VUIC8gSFRUUC8xLjANCg0KAAAAAwEAAACAAwABAAAAGwAAAAUAAAAAAACC6kSoMcRQY4jDUQAAAAD//4AD' +
    'AAEAAAAVAAAABwAAAAAAACLSUiwGAgAAAP//gAMAAwAAAAgAAAAHAAAABYADAAMAAAAIAAAABQAAAAWAAwAHAAAACAAAAAAAAAAA',
  'base64',
)
