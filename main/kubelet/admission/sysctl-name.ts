/** With dots between its parts: whoever writes slashes means a dot by a dot (component-helpers/node/util/sysctl, NormalizeName). */
export function sysctlName(name: string): string {
  const first = /[./]/.exec(name)?.[0]
  return first === '/' ? name.replaceAll(/[./]/g, separator => (separator === '/' ? '.' : '/')) : name
}
