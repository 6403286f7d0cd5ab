import type { PodResources } from '../../runtime.ts'

/** How the engine makes cgroups: by itself, or by asking systemd for units. */
export type CgroupDriver = 'cgroupfs' | 'systemd'

const root = '/sys/fs/cgroup'
const period = 100_000

/**
 * Names of cgroups in which a pod's containers are together. `-` would make a level of its own in a slice's name. No pod's
 * uid has a dot, so that a name tells whose it is; without a uid, a pattern for all pods of a node or a cluster.
 */
export function cgroupName({ cluster, node }: { cluster: string; node?: string }, podUid?: string): string {
  const safe = (text: string) => text.replaceAll(/[^A-Za-z0-9.]/g, '_')
  return [
    'podbay',
    safe(cluster),
    node === undefined ? '*' : safe(node),
    podUid === undefined ? 'pod*' : `pod${safe(podUid)}`,
  ].join('.')
}

/**
 * Where the engine puts containers: beside the caller's own, in which pods weigh as much as other containers do. The
 * agent sees itself from the host's root, since it shares the engine's cgroup namespace.
 */
const findParent = [
  `own="$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)"`,
  `[ -n "$own" ] || own="$(sed -n 's/^0:://p' /proc/self/cgroup)"`,
  `[ "\${own#/?*}" != "$own" ] || { echo "cannot see the engine's cgroups"; exit 1; }`,
  `parent="\${own%/*}"`,
]

/** Makes a pod's cgroup or gives it other limits, and prints what a container's CgroupParent is to be. */
export function setCgroup(driver: CgroupDriver, name: string, resources: PodResources): string {
  const [make, limits] =
    driver === 'systemd'
      ? [bySystemd(name, resources), { unified: [], legacy: [] }]
      : [byFiles(name), { unified: unified(resources), legacy: legacy(resources) }]
  return [
    'set -e',
    ...findParent,
    ...make,
    `if [ -f ${root}/cgroup.controllers ]; then`,
    ...limits.unified,
    ...hugePages(resources, size => `"${root}$path/hugetlb.${size}.max"`),
    'else',
    ...limits.legacy,
    ...hugePages(resources, size => `"${root}/hugetlb$path/hugetlb.${size}.limit_in_bytes"`),
    'fi',
    driver === 'systemd' ? 'echo "$slice"' : 'echo "$path"',
  ].join('\n')
}

const byFiles = (name: string) => [
  `path="$parent/${name}"`,
  `if [ -f ${root}/cgroup.controllers ]; then mkdir -p "${root}$path"`,
  `else for c in cpu memory pids hugetlb; do [ ! -d ${root}/$c ] || mkdir -p "${root}/$c$path"; done; fi`,
]

/** A unit keeps its limits when systemd reads its files anew, which files in its cgroup would not. */
const bySystemd = (name: string, resources: PodResources) => [
  `base="\${parent##*/}"; slice="\${base%.slice}-${name}.slice"; path="$parent/$slice"`,
  `systemctl set-property --runtime "$slice" ${unitProperties(resources).join(' ')}`,
  `systemctl start "$slice"`,
]

/** Limits that are not wanted (any more) are lifted. */
function unified({ cpuShares, cpuQuota, memoryLimit, processes = 0 }: PodResources): string[] {
  return [
    `cd "${root}$path"`,
    `echo ${weightOf(cpuShares)} >cpu.weight`,
    `echo "${cpuQuota || 'max'} ${period}" >cpu.max`,
    `echo ${memoryLimit || 'max'} >memory.max`,
    `echo ${processes || 'max'} >pids.max`,
  ]
}

function legacy({ cpuShares, cpuQuota, memoryLimit, processes = 0 }: PodResources): string[] {
  return [
    `cd ${root}`,
    `echo ${cpuShares} >"cpu$path/cpu.shares"`,
    `echo ${period} >"cpu$path/cpu.cfs_period_us"`,
    `echo ${cpuQuota || -1} >"cpu$path/cpu.cfs_quota_us"`,
    `echo ${memoryLimit || -1} >"memory$path/memory.limit_in_bytes"`,
    `echo ${processes || 'max'} >"pids$path/pids.max"`,
  ]
}

function unitProperties({ cpuShares, cpuQuota, memoryLimit, processes = 0 }: PodResources): string[] {
  return [
    `CPUWeight=${weightOf(cpuShares)}`,
    `CPUQuota=${cpuQuota ? `${cpuQuota / (period / 100)}%` : ''}`,
    `MemoryMax=${memoryLimit || 'infinity'}`,
    `TasksMax=${processes || 'infinity'}`,
  ]
}

/** What the kernel has no controller for can't be limited. Pages that no container asked for are not to be had. */
const hugePages = ({ hugePages: limits }: PodResources, file: (size: string) => string): string[] => [
  ':',
  ...[...limits].map(([size, bytes]) => `[ ! -e ${file(pageName(size))} ] || echo ${bytes} >${file(pageName(size))}`),
]

/** As the kernel writes the size of a page: 2MB, 1GB. */
function pageName(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  let [value, unit] = [bytes, 0]
  while (value % 1024 === 0 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1]
  return `${value}${units[unit] ?? ''}`
}

/** A weight of cgroup v2 for v1's shares (opencontainers/cgroups ConvertCPUSharesToCgroupV2Value). */
function weightOf(shares: number): number {
  if (shares <= 2) return 1
  if (shares >= 262_144) return 10_000
  const log = Math.log2(shares)
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))
}

/** Where cgroups of this name are, made by either driver, for the shell to expand. */
const places = (name: string) =>
  [root, `${root}/*`].flatMap(top => [`${top}"$parent"/${name}`, `${top}"$parent"/*-${name}.slice`]).join(' ')

/** Prints the names of cgroups that match a pattern, one or more times each. */
export function listCgroups(pattern: string): string {
  const print = 'n="${d##*/}"; n="podbay.${n#*podbay.}"; echo "${n%.slice}"'
  return [...findParent, `for d in ${places(pattern)}; do [ ! -d "$d" ] || { ${print}; }; done`].join('\n')
}

/** Removes cgroups of a name, or of all that match a pattern, in which nothing runs. What is not there is no failure. */
export function removeCgroups(name: string): string {
  return [
    ...findParent,
    `for d in ${places(name)}; do`,
    '[ -d "$d" ] && [ -z "$(find "$d" -name cgroup.procs -exec cat {} + 2>/dev/null)" ] || continue',
    'unit="${d##*/}"',
    'case "$unit" in *.slice) systemctl stop "$unit"; rm -rf "/run/systemd/system.control/$unit.d" ;; esac',
    '[ ! -d "$d" ] || find "$d" -depth -type d -exec rmdir {} \\; 2>/dev/null',
    'done; true',
  ].join('\n')
}
