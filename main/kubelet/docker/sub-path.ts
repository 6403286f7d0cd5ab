import { isMounted } from './agent/host-root.ts'
import { quote } from './agent/quote.ts'

/**
 * Lines of a script that mount a path below a volume on `target`, so that what was checked is what a container gets: the
 * pod's own processes may put a link in its place at any time (pkg/volume/util/subpath/subpath_linux.go, which holds
 * descriptors). The script stands in the directory it looks at, asks the kernel where that is, and compares what was
 * mounted with what it saw. What is missing is made as directories with the volume's own mode and group.
 */
export function bindSubPath(
  volumePath: string,
  path: string,
  { target, existing }: { target: string; existing: boolean },
): string[] {
  const parts = path.split('/').filter(part => part !== '' && part !== '.')
  const last = quote(`./${parts.at(-1) ?? '.'}`)
  const at = quote(target)
  return [
    'here() { readlink /proc/self/cwd; }',
    'inside() { case "$1/" in "${root%/}"/*) ;; *) echo "subpath leads out of the volume"; exit 1;; esac; }',
    `enter() {
      made=; [ -e "$1" ] || { ${existing ? 'echo "no such subpath"; exit 1' : 'mkdir "$1"; made=1'}; }
      cd "$1"; inside "$(here)"
      [ -z "$made" ] || { chmod "$mode" .; chgrp "$group" .; }
    }`,
    `cd ${quote(volumePath)}; root="$(here)"; mode="$(stat -c %a .)"; group="$(stat -c %g .)"`,
    ...parts.slice(0, -1).map(part => `enter ${quote(`./${part}`)}`),
    `if [ -d ${last} ] || [ ! -e ${last} ]; then enter ${last}; from=.
    else
      found="$(realpath ${last})"; inside "$found"; cd "\${found%/*}/"; inside "$(here)"; from="./\${found##*/}"
    fi`,
    'seen="$(stat -c %d:%i "$from")"',
    // An earlier attempt of the container may have left its own; it keeps what it has.
    `while ${isMounted(at)}; do umount ${at} || umount -l ${at}; done`,
    `mkdir -p "$(dirname ${at})"; if [ -d ${at} ]; then rmdir ${at}; else rm -f ${at}; fi`,
    `if [ -d "$from" ]; then mkdir ${at}; else : >${at}; fi`,
    `mount -o bind "$from" ${at}`,
    `[ "$(stat -c %d:%i ${at})" = "$seen" ] || { umount ${at}; echo "subpath was changed while it was mounted"; exit 1; }`,
  ]
}
