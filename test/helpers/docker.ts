/** Why the tests that need Docker are skipped; '' where an engine answers. Set by `npm test`. */
export const withoutDocker = process.env['PODBAY_WITHOUT_DOCKER'] ?? ''
