import type { GroupOwnership } from '../host.ts'
import { isMounted } from './agent/host-root.ts'
import { quote } from './agent/quote.ts'

/** Lines of a script that fail with upstream's text unless the path is a directory (pkg/volume/local local.go, SetUpAt). */
export function localPathCheck(path: string): string[] {
  const at = quote(path)
  const refuse = (text: string) => `{ echo ${quote(text)}; exit 1; }`
  return [
    `[ -e ${at} ] || ${refuse(`path "${path}" does not exist`)}`,
    `[ -d ${at} ] || ${refuse('only directory and block device are supported')}`,
  ]
}

/**
 * Lines of a script that give a directory and all in it to a group, which may then read and write it and owns what is
 * made in it. Links stay as they are (pkg/volume/volume_linux.go, SetVolumeOwnership).
 */
export function giveToGroup(path: string, { id, always }: GroupOwnership): string[] {
  const at = quote(path)
  const isGiven = `[ "$(stat -c %g ${at})" = ${id} ] && [ $((0$(stat -c %a ${at}) & 02770)) -eq $((02770)) ]`
  return [
    ...(always ? [] : [`if ${isGiven}; then exit 0; fi`]),
    `chgrp -R -h ${id} ${at}`,
    `chmod -R ug+rw ${at}`,
    `find ${at} -type d -exec chmod ug+x,g+s {} +`,
  ]
}

/** Lines of a script that mount a directory once more with options of its own (local.go, SetUpAt: `bind` and those of the volume). */
export function bindWith(path: string, { target, options }: { target: string; options: readonly string[] }): string[] {
  const [from, at] = [quote(path), quote(target)]
  const remount = `mount -o ${quote(['remount', 'bind', ...options].join())} ${at}`
  return [
    `mkdir -p ${at}`,
    `${isMounted(at)} || { mount -o bind ${from} ${at}; ${remount} || { umount ${at}; exit 1; }; }`,
  ]
}
