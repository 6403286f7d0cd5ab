/** A boolean of a query: anything but `false` and `0` is true (apimachinery/pkg/runtime/converter.go of queries). */
export function queryFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}
