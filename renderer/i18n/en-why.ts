/** The why-panel's texts. Text between backticks is shown as code. */
export default {
  evidence: 'Evidence',
  mostLikely: 'Most likely: {sentence}',
  question: {
    notRunning: 'Why isn’t it running?',
    notReady: 'Why isn’t it ready?',
    restarted: 'Why did it restart?',
    terminating: 'Why is it still there?',
    rollout: 'Why isn’t it as wanted?',
    endpoints: 'Why doesn’t it reach all its pods?',
    node: 'Why does it need a look?',
  },
  exit: {
    code: 'Container `{container}` exits with code {code} each time it starts. Its last lines say why.',
    ended: 'Container `{container}` ends by itself with code 0, and its restart policy starts it again each time.',
    notExecutable: 'Container `{container}` can’t run its command: the file is not executable (code 126).',
    notFound: 'Container `{container}` can’t find its command in the image (code 127).',
    aborted: 'Container `{container}` aborts itself (code 134). Its last lines say why.',
    killed:
      'Container `{container}` was killed from outside (code 137): out of memory on the node, a failed probe or a hand.',
    segfault: 'Container `{container}` crashes with a memory fault (code 139).',
    terminated: 'Container `{container}` was asked to stop and did (code 143).',
    oom: 'Container `{container}` ran out of memory and was killed.',
    oomLimit: 'Container `{container}` used more memory than its limit of {limit} and was killed.',
    probe: 'Container `{container}` is killed because its liveness probe fails.',
  },
  image: {
    never: 'Image `{image}` is not on the node, and its pull policy is Never.',
    name: '`{image}` is no valid image name.',
    unreachable: 'The registry `{registry}` can’t be reached, so image `{image}` can’t be pulled.',
    limit: 'The registry `{registry}` allows no more pulls for now.',
    denied: 'The registry `{registry}` refuses image `{image}`: it does not exist there, or it needs credentials.',
    missing: 'The registry `{registry}` has no image `{image}`.',
    other: 'Image `{image}` can’t be pulled.',
  },
  config: {
    missing: 'Container `{container}` needs {kind} `{name}`, which does not exist.',
    other: 'Container `{container}` can’t be made from its configuration.',
  },
  container: { cannotStart: 'Container `{container}` can’t be started; the runtime says why.' },
  ready: {
    probe: 'Container `{container}` runs, but its readiness probe fails.',
    waiting: 'Container `{container}` runs and is not ready yet.',
  },
  restarted: {
    oom: 'Container `{container}` ran out of memory and was restarted, {minutes} min ago. | Container `{container}` ran out of memory and was restarted, {minutes} min ago. | Container `{container}` was restarted {n} times, last because it ran out of memory {minutes} min ago.',
    exit: 'Container `{container}` was restarted {minutes} min ago after code {code}. | Container `{container}` was restarted {minutes} min ago after code {code}. | Container `{container}` was restarted {n} times, last {minutes} min ago after code {code}.',
  },
  terminating: {
    finalizers: 'It waits for whoever set its finalizers: `{finalizers}`.',
    grace: 'Its containers have {seconds} s to stop by themselves; then they are killed.',
  },
  failed: {
    evicted: 'Node `{node}` evicted it to save its own resources. It will not come back by itself.',
    other: 'It failed and will not be started again.',
  },
  pending: {
    gated: 'It waits for whoever set its scheduling gates to lift them.',
    noScheduler: 'The scheduler has not looked at it yet.',
    noNodes: 'The cluster has no nodes.',
    noneFits: 'No node fits: {reasons}.',
    unschedulable: 'The scheduler found no node for it.',
    starting: 'Node `{node}` is making its containers.',
    sandbox: 'Node `{node}` can’t make its network and sandbox.',
    volume: 'Node `{node}` can’t mount one of its volumes.',
  },
  nodes: {
    memory: 'not enough memory free',
    cpu: 'not enough CPU free',
    resource: 'not enough {detail}',
    cordoned: 'cordoned',
    taint: 'refuses pods that do not tolerate {detail}',
    affinity: 'does not match its node selector or affinity',
    notReady: 'not ready',
    ports: 'its host port is taken',
    volume: 'can’t take one of its volumes',
    other: '{detail}',
    some: {
      memory: '{n} have too little memory free | {n} has too little memory free | {n} have too little memory free',
      cpu: '{n} have too little CPU free | {n} has too little CPU free | {n} have too little CPU free',
      resource: '{n} have too little {detail} | {n} has too little {detail} | {n} have too little {detail}',
      cordoned: '{n} are cordoned | {n} is cordoned | {n} are cordoned',
      taint:
        '{n} refuse pods that do not tolerate `{detail}` | {n} refuses pods that do not tolerate `{detail}` | {n} refuse pods that do not tolerate `{detail}`',
      affinity:
        '{n} do not match its selector or affinity | {n} does not match its selector or affinity | {n} do not match its selector or affinity',
      notReady: '{n} are not ready | {n} is not ready | {n} are not ready',
      ports: '{n} have its host port taken | {n} has its host port taken | {n} have its host port taken',
      volume: '{n} can’t take one of its volumes',
      other: '{n}: {detail}',
    },
    all: {
      memory:
        'The cluster has no nodes. | No node fits: the only node has too little memory free. | No node fits: all {n} nodes have too little memory free.',
      cpu: 'The cluster has no nodes. | No node fits: the only node has too little CPU free. | No node fits: all {n} nodes have too little CPU free.',
      resource:
        'The cluster has no nodes. | No node fits: the only node has too little {detail}. | No node fits: all {n} nodes have too little {detail}.',
      cordoned:
        'The cluster has no nodes. | No node fits: the only node is cordoned. | No node fits: all {n} nodes are cordoned.',
      taint:
        'The cluster has no nodes. | No node fits: the only node refuses pods that do not tolerate `{detail}`. | No node fits: all {n} nodes refuse pods that do not tolerate `{detail}`.',
      affinity:
        'The cluster has no nodes. | No node fits: the only node does not match its selector or affinity. | No node fits: none of {n} nodes matches its selector or affinity.',
      notReady:
        'The cluster has no nodes. | No node fits: the only node is not ready. | No node fits: all {n} nodes are not ready.',
      ports:
        'The cluster has no nodes. | No node fits: its host port is taken on the only node. | No node fits: its host port is taken on all {n} nodes.',
      volume:
        'The cluster has no nodes. | No node fits: the only node can’t take one of its volumes. | No node fits: none of {n} nodes can take its volumes.',
      other: 'The cluster has no nodes. | No node fits: {detail}. | No node fits: {detail}, on all {n} nodes.',
    },
  },
  workload: { refused: 'The API server refuses its pods.' },
  service: {
    noPods: 'No pod has the labels it selects: `{selector}`.',
    noneReady:
      'None of its pods is ready, so it answers nobody. | Its only pod is not ready, so it answers nobody. | None of its {n} pods is ready, so it answers nobody.',
    someReady: 'Only {ready} of its {total} pods are ready; it serves from those.',
    noPort: 'None of its pods names a port `{port}`.',
  },
  node: {
    cordoned: '`{node}` is cordoned: its pods stay, new ones go elsewhere.',
    dockerAbsent: 'No Docker Engine was found. Install Docker and start it; the node comes back by itself.',
    dockerStopped: 'The Docker Engine does not answer. Start it; the node comes back by itself.',
    pressure: '`{node}` reports {condition}: it may evict pods.',
    silent: 'The kubelet of `{node}` has stopped reporting.',
    notReady: '`{node}` reports that it can’t run pods.',
    noReport: '`{node}` has not reported yet.',
  },
  fact: {
    exit: 'Exit',
    exitAfter:
      'Code {code}, {seconds} s after its start | Code {code}, {seconds} s after its last start; {n} restart | Code {code}, {seconds} s after its last start; {n} restarts',
    exitCode: 'Code {code}',
    lastWords: 'Last lines',
    nextStart: 'Next start',
    waits: 'waits {wait} between starts',
    probe: 'Probe',
    limit: 'Memory limit',
    image: 'Image',
    registry: 'Answer',
    kubelet: 'Kubelet',
    runtime: 'Runtime',
    nodes: '{n} nodes | {n} node | {n} nodes',
    asks: 'Asks for',
    scheduler: 'Scheduler',
    server: 'API server',
    pod: 'Pod',
    serving: 'Serving',
    servingOf: '{ready} of {total} pods are ready',
    selector: 'Selector',
    docker: 'Docker',
  },
  do: {
    logs: 'Read its logs',
    lastLogs: 'Read its last logs',
    startAgain: 'Start again',
    edit: 'Edit YAML',
    delete: 'Delete…',
    uncordon: 'Uncordon {node}',
    openPod: 'Open the pod',
  },
}
