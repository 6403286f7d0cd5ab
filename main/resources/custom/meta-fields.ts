/** What every object has without its schema saying so. */
export const metaFields: readonly string[] = ['apiVersion', 'kind', 'metadata']
