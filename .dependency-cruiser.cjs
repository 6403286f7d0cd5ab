/** The import table of docs/architecture.md: what is not allowed here is forbidden. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  comment: `${from} may import only: ${allowed.join(', ')}`,
  from: { path: `^${from}`, pathNot: '\\.(test|cases)\\.ts$' },
  to: { path: '^(main|shared|renderer)/', pathNot: [`^${from}`, ...allowed.map(a => `^${a}`)] },
})
const api = 'shared/api/'
const machinery = 'shared/machinery/'
const client = 'shared/client/'
const contract = 'shared/contract/'
const loops = ['main/controllers/', 'main/scheduler/', 'main/kubelet/', 'main/network/']

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^electron$|\\?(worker|raw|url)$' },
    },
    only('api', api, []),
    only('machinery', machinery, [api]),
    only('client', client, [api, machinery]),
    only('contract', contract, [api, machinery]),
    only('store', 'main/store/', [api, machinery]),
    only('resources', 'main/resources/', [api, machinery]),
    only('apiserver', 'main/apiserver/', ['main/store/', 'main/resources/', api, machinery, client]),
    ...loops.map(loop => only(loop.split('/')[1], loop, [client, api, machinery])),
    only('desktop', 'main/desktop/', [contract, machinery]),
    only('renderer', 'renderer/', ['shared/']),
    only('cluster', 'main/cluster(/|\\.ts$)', ['main/(?!desktop/|cli/|host/|index|headless|preload)', 'shared/']),
    only('config', 'main/config\\.ts$', ['main/node-command\\.ts$']),
    only('node-command', 'main/node-command\\.ts$', [machinery]),
    only('headless', 'main/headless\\.ts$', ['main/cli/', 'main/config\\.ts$']),
    only('cli', 'main/cli/', [
      'main/(cluster|teardown|config)\\.ts$',
      'main/host/',
      'main/store/lock\\.ts$',
      'main/apiserver/tls/kubeconfig\\.ts$',
      'shared/',
    ]),
    only('teardown', 'main/teardown\\.ts$', ['main/kubelet/docker/', 'main/config\\.ts$', machinery]),
    only('host', 'main/host/', ['shared/']),
    only('index', 'main/index\\.ts$', ['main/desktop/', contract, machinery]),
    only('preload', 'main/preload\\.ts$', [contract]),
    {
      name: 'electron-stays-in-the-shell',
      severity: 'error',
      from: { pathNot: '^main/(desktop/|index\\.ts$|preload\\.ts$)|^test/' },
      to: { path: '^electron$|node_modules/electron/' },
    },
    {
      name: 'node-stays-out-of-the-window',
      severity: 'error',
      from: { path: '^(renderer|shared)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    extraExtensionsToScan: ['.vue'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
