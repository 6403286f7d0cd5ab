import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificateRequest } from '../helpers/certificate-request.ts'
import { podbay, startEngine, type Engine } from '../helpers/engine.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: 'nginx:1', ports: [{containerPort: 80}]}]}
`
const conf = `
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, labels: {app: web}}
data: {a: "1"}
`
const both = `${web}---${conf}`
const changed = both.replace('a: "1"', 'a: "2"')

/** A command, what its output must match, what it reads, and its exit code. */
type Step = [command: string, says: RegExp, input?: string, code?: number]

/** In order: each goes on where the one before ended. Words are kubectl's own, or those of a kube-apiserver v1.36. */
const steps: Step[] = [
  ['apply --server-side -f -', /deployment.apps\/web serverside-applied\nconfigmap\/conf serverside-applied/, both],
  ['diff --server-side -f -', /^-\s+a: "1"\n\+\s+a: "2"$/m, changed, 1],
  ['apply -f - --dry-run=server', /configmap\/conf configured \(server dry run\)/, changed],
  ['get cm conf -o jsonpath={.data.a}', /^1$/],
  ['apply -f -', /configmap\/conf configured/, changed],
  ['diff -f -', /^$/, changed],
  ['wait --for=jsonpath={.data.a}=2 cm/conf', /configmap\/conf condition met/],
  ['wait --for=condition=Available deploy/web --timeout=60s', /condition met/],
  ['rollout status deploy/web', /deployment "web" successfully rolled out/],
  ['get deploy', /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 +\S+\n$/],
  ['get deploy -o wide', /CONTAINERS +IMAGES +SELECTOR\n.* c +nginx:1 +app=web/],
  ['get deploy web --subresource=scale', /^NAME +DESIRED +AVAILABLE +AGE\nweb +2 +2/],
  ['get all -l app=web -o name', /^pod\/web-\S+\npod\/web-\S+\ndeployment.apps\/web\nreplicaset.apps\/web-/],
  ['get cm --field-selector metadata.name=conf -o custom-columns=N:.metadata.name', /^N\nconf\n$/],
  ['get cm --chunk-size=1 --sort-by=.metadata.name -o name', /^configmap\/conf\nconfigmap\/kube-root-ca.crt\n$/],
  ['get cm conf -o go-template={{.data.a}}', /^2$/],
  ['get cm conf -o yaml --show-managed-fields', /manager: kubectl\n +operation: Apply/],
  ['get widgets', /the server doesn't have a resource type "widgets"/, '', 1],
  ['get deploy none', /Error from server \(NotFound\): deployments.apps "none" not found/, '', 1],
  ['get deploy web -o json', /"kind": "Deployment"/],
  ['get deploy web -o kyaml', /kind: "Deployment"/],
  ['get deploy web -o jsonpath-as-json={.spec.replicas}', /^\[\n +2\n\]\n$/],
  ['get deploy --no-headers', /^web +2\/2/],
  ['get pods --show-labels', /LABELS\n.* app=web,pod-template-hash=/],
  ['get pods -L app', /APP\n.* web\n/],
  ['get pods -A -o wide', /^NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE +IP +NODE/],
  ['get --raw /apis/apps/v1/namespaces/default/deployments/web/scale', /"kind":"Scale"/],
  ['describe deploy web', /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/],
  ['describe cm conf', /a:\n----\n2\n/],
  ['set image deploy/web c=nginx:2', /image updated/],
  ['set env deploy/web A=b', /env updated/],
  ['set resources deploy/web --limits=cpu=200m', /resource requirements updated/],
  ['set serviceaccount deploy/web default', /serviceaccount updated/],
  ['set env deploy/web --list', /^# Deployment web, container c\nA=b\n$/],
  [
    'get deploy web -o jsonpath={.spec.template.spec.containers[0].image}{.spec.template.spec.containers[0].env}',
    /^nginx:2\[\{"name":"A","value":"b"\}\]$/,
  ],
  ['expose deploy/web --port=80', /service\/web exposed/],
  ['set selector svc/web a=b', /selector updated/],
  ['autoscale deploy/web --min=1 --max=3 --cpu=80%', /horizontalpodautoscaler.autoscaling\/web autoscaled/],
  ['get hpa', /Deployment\/web +cpu: <unknown>\/80% +1 +3/],
  ['delete hpa web', /deleted/],
  ['rollout pause deploy/web', /paused/],
  ['rollout pause deploy/web', /already paused/, '', 1],
  ['rollout resume deploy/web', /resumed/],
  ['rollout restart deploy/web', /restarted/],
  ['rollout status deploy/web --timeout=60s', /successfully rolled out/],
  ['rollout history deploy/web', /REVISION +CHANGE-CAUSE\n1 +<none>/],
  ['rollout undo deploy/web --to-revision=1', /rolled back/],
  ['get deploy web -o jsonpath={..image}', /^nginx:1$/],
  ['scale deploy/web --replicas=3', /scaled/],
  ['scale deploy/web --replicas=1 --current-replicas=9', /Expected replicas to be 9, was 3/, '', 1],
  ['patch deploy web --subresource=scale --type=merge -p {"spec":{"replicas":2}}', /patched/],
  ['patch deploy web --subresource=status --type=merge -p {"status":{"observedGeneration":1}}', /patched/],
  ['scale deploy --all --replicas=3', /scaled/],
  ['label cm conf x=y', /labeled/],
  ['label cm conf --list', /^(app=web\nx=y|x=y\napp=web)\n$/],
  ['label cm conf x=z', /'x' already has a value/, '', 1],
  ['label cm conf x=z --overwrite', /labeled/],
  ['label cm conf x-', /unlabeled/],
  ['label nodes --all zone=a', /node\/kubectl-node labeled/],
  ['annotate cm conf n=1', /annotated/],
  ['annotate cm conf n-', /annotated/],
  ['annotate cm --all many=1 --overwrite', /configmap\/kube-root-ca.crt annotated/],
  ['patch cm conf -p {"data":{"b":"c"}}', /patched/],
  ['patch cm conf --type=json -p [{"op":"replace","path":"/data/b","value":"d"}]', /patched/],
  [
    'patch cm conf --type=json -p [{"op":"test","path":"/data/b","value":"e"}]',
    /the server rejected our request/,
    '',
    1,
  ],
  ['patch cm conf --type=merge -p {"data":{"b":null}}', /patched/],
  ['get cm conf -o jsonpath={.data}', /^\{"a":"2"\}$/],
  ['edit cm conf', /configmap\/conf edited/],
  ['get cm conf -o jsonpath={.data.a}', /^3$/],
  ['apply view-last-applied cm conf', /a: "2"/],
  ['apply edit-last-applied cm conf', /configmap\/conf edited/],
  ['apply view-last-applied cm conf -o json', /"a": "3"/],
  ['apply set-last-applied -f -', /configmap\/conf configured/, conf],
  ['replace -f -', /configmap\/conf replaced/, conf],
  ['replace --force -f -', /configmap "conf" deleted.*\nconfigmap\/conf replaced/, conf],
  ['create -f -', /configmaps "conf" already exists/, conf, 1],
  ['create configmap b --from-literal=k=v', /created/],
  ['create configmap of-file --from-file kustomized', /created/],
  ['create deployment d --image=x --replicas=0 --port=80', /created/],
  ['create secret docker-registry reg --docker-username=u --docker-password=p --docker-server=s', /created/],
  ['create service clusterip ci --tcp=80', /created/],
  ['create service loadbalancer lb --tcp=80', /created/],
  ['create service externalname en --external-name=example.com', /created/],
  ['create role none --verb=get --resource=widgets', /the server doesn't have a resource type "widgets"/, '', 1],
  ['create --raw /api/v1/namespaces/default/configmaps -f -', /"name":"raw"/, '{"metadata":{"name":"raw"}}'],
  [
    'replace --raw /api/v1/namespaces/default/configmaps/raw -f -',
    /"k":"v"/,
    '{"metadata":{"name":"raw"},"data":{"k":"v"}}',
  ],
  ['delete --raw /api/v1/namespaces/default/configmaps/raw', /"status":"Success"/],
  ['create secret generic s --from-literal=k=v', /created/],
  ['create role r --verb=get,list --resource=pods,deployments.apps', /created/],
  ['create rolebinding rb --role=r --serviceaccount=default:default', /created/],
  ['set subject rolebinding rb --user=someone', /subjects updated/],
  ['auth can-i get pods --as=someone', /^yes\n$/],
  ['auth can-i --list', /^Resources +Non-Resource URLs +Resource Names +Verbs/],
  ['auth can-i list pods --as=system:serviceaccount:default:default', /^yes\n$/],
  ['auth can-i delete pods --as=system:serviceaccount:default:default', /^no\n$/, '', 1],
  ['auth can-i get /metrics --as=someone', /^no\n$/, '', 1],
  ['auth whoami', /Username +kubernetes-admin/],
  [
    'auth reconcile -f -',
    /role.rbac.authorization.k8s.io\/rr reconciled/,
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: rr, namespace: default}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get]}]',
  ],
  ['create token default --duration=10m', /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n?$/],
  ['create quota q --hard=configmaps=20', /created/],
  ['wait --for=create quota/q', /condition met/],
  ['wait --for=delete cm/none', /^$/],
  ['describe quota q', /Resource +Used +Hard/],
  ['create job j --image=x -- date', /created/],
  ['create cronjob cj --image=x --schedule=0\\40*\\40*\\40*\\40* -- date', /created/],
  ['create job j2 --from=cronjob/cj', /created/],
  ['create ingress ing --rule=foo.com/bar=web:80', /created/],
  ['create pdb p --selector=app=web --min-available=1', /created/],
  ['create priorityclass pc --value=10', /created/],
  ['create service nodeport np --tcp=80', /created/],
  ['create serviceaccount sa', /created/],
  ['create clusterrole cr --verb=get --resource=nodes', /created/],
  ['create clusterrolebinding crb --clusterrole=cr --user=someone', /created/],
  ['create namespace other', /created/],
  ['explain deployment.spec.strategy', /FIELDS:\n +rollingUpdate\s<RollingUpdateDeployment>/],
  ['explain deployment --recursive', /\n +maxSurge\t<IntOrString>/],
  ['explain deployment.spec.replicas --output=plaintext-openapiv2', /FIELD: +replicas <integer>/],
  ['explain hpa --api-version=autoscaling/v2', /VERSION: +v2/],
  ['explain deployment.spec.none', /field "none" does not exist/, '', 1],
  ['api-resources --api-group=apps', /deployments +deploy +apps\/v1 +true +Deployment/],
  ['api-resources --namespaced=false -o wide', /^namespaces +ns +v1 +false +Namespace +create,delete,get/m],
  ['api-resources --categories=all --verbs=list -o name', /^pods$/m],
  ['config view --minify -o jsonpath={.clusters[0].cluster.server}', /^https:\/\//],
  ['config current-context', /kubectl/],
  ['api-versions', /^autoscaling\/v2$/m],
  ['version', /Server Version: v1\.36/],
  ['cluster-info', /Kubernetes control plane is running at https:/],
  ['cluster-info dump', /"kind": "NodeList"/],
  ['cluster-info dump -n default -o yaml', /kind: DeploymentList/],
  ['get --raw /readyz', /^ok$/],
  ['get componentstatuses', /scheduler +Healthy/],
  ['run p --image=x --labels=app=web', /pod\/p created/],
  ['wait --for=condition=Ready pod/p --timeout=60s', /condition met/],
  ['set image pod/p p=y', /updated/],
  ['expose pod p --port=80 --name=of-p', /service\/of-p exposed/],
  ['run shown --image=x --port=80 --expose --dry-run=server -o name', /^service\/shown\npod\/shown\n$/],
  ['debug pod/p --image=y -c look -- true', /^$/],
  ['get pod p -o jsonpath={.spec.ephemeralContainers[0].name}', /^look$/],
  [
    'debug node/kubectl-node --image=y -- true',
    /Creating debugging pod node-debugger-kubectl-node-\S+ with container debugger on node kubectl-node/,
  ],
  ['patch pod p -p {"spec":{"hostNetwork":true}}', /pod updates may not change fields other than/, '', 1],
  ['events --for pod/p', /Scheduled +Pod\/p +Successfully assigned default\/p/],
  ['get events --field-selector reason=Scheduled', /pod\/p/],
  ['events --types=Warning -o json', /"kind": "EventList"/],
  ['taint node --all a=b:NoSchedule', /tainted/],
  ['taint node --all a-', /untainted/],
  ['cordon kubectl-node', /cordoned/],
  [
    'drain kubectl-node --force --ignore-daemonsets --delete-emptydir-data --timeout=3s',
    /Cannot evict pod as it would violate the pod's disruption budget/,
    '',
    1,
  ],
  ['delete pdb p', /deleted/],
  ['drain kubectl-node --force --ignore-daemonsets --delete-emptydir-data', /evicted[^]*node\/kubectl-node drained/],
  ['get node', /kubectl-node +Ready,SchedulingDisabled/],
  ['uncordon kubectl-node', /uncordoned/],
  ['apply -f -', /configmap\/conf configured/, both],
  ['apply --prune -l app=web --prune-allowlist=core/v1/ConfigMap -f -', /configmap\/conf pruned/, web],
  ['kustomize kustomized', /name: ku-gen-\S+\n[^]*name: ku-web\n/],
  ['apply -k kustomized', /configmap\/ku-gen-\S+ created\n[^]*deployment.apps\/ku-web created/],
  ['delete -k kustomized', /deployment.apps "ku-web" deleted/],
  ['delete deploy web --cascade=foreground --timeout=60s', /deleted/],
  ['delete cm b none', /configmap "b" deleted[^]*configmaps "none" not found/, '', 1],
  ['delete svc,ingress,cronjob,job --all', /service "np" deleted/],
]

const name = 'kubectl'

describe('kubectl', () => {
  let directory: string
  let engine: Engine
  let kubectl: Kubectl

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'podbay-kubectl-'))
    engine = await startEngine({ name, dataDir: join(directory, 'data'), flags: ['--runtime', 'simulated'] })
    kubectl = createKubectl(engine.kubeconfig, undefined, { KUBE_EDITOR: `sed -i 's/a: "2"/a: "3"/'` })
    mkdirSync(join(directory, 'kustomized'))
    const generated = '{resources: [web.yaml], namePrefix: ku-, configMapGenerator: [{name: gen, literals: [a=b]}]}'
    writeFileSync(join(directory, 'kustomized', 'web.yaml'), web)
    writeFileSync(join(directory, 'kustomized', 'kustomization.yaml'), generated)
  })
  afterAll(async () => {
    await engine.end('SIGTERM')
    podbay('delete', '--name', name, '--data-dir', join(directory, 'data'))
    rmSync(directory, { recursive: true, force: true })
  })

  it.each(steps)('%s', async (command, says, input = '', expected = 0) => {
    const place = (word: string) => (word === 'kustomized' ? join(directory, word) : word.replaceAll('\\40', ' '))
    const { code, output } = await kubectl.run(command.split(' ').map(place), input)
    expect(output).toMatch(says)
    expect(code).toBe(expected)
  })

  it('certificate approves and denies', async () => {
    for (const [decision, condition] of [
      ['approve', 'Approved'],
      ['deny', 'Denied'],
    ] as const) {
      const { request } = await certificateRequest({ commonName: decision })
      const spec = { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] }
      const csr = {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name: decision },
        spec,
      }
      await kubectl.ok(['create', '-f', '-'], JSON.stringify(csr))
      await kubectl.ok(['certificate', decision, decision])
      await kubectl.ok(['wait', `csr/${decision}`, `--for=condition=${condition}`, '--timeout=30s'])
    }
  })

  it('get -w follows', async () => {
    const child = kubectl.start(['get', 'cm', '-w', '--watch-only', '--output-watch-events', '--no-headers'])
    const closed = new Promise(resolve => child.once('close', resolve))
    const [first] = await Promise.all([
      createInterface({ input: child.stdout })[Symbol.asyncIterator]().next(),
      kubectl.ok(['create', 'configmap', 'seen']).then(() => kubectl.ok(['label', 'cm', 'seen', 'a=b'])),
    ])
    expect(first.value).toMatch(/^(ADDED|MODIFIED) +\S+/)
    child.kill()
    await closed
  })

  it('proxy passes requests on', async () => {
    const child = kubectl.start(['proxy', '--port=0'])
    const closed = new Promise(resolve => child.once('close', resolve))
    const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
    const port = /127\.0\.0\.1:(\d+)/.exec(String(line.value))?.[1]
    const answer = await new Promise<string>((resolve, reject) => {
      const url = `http://127.0.0.1:${port ?? ''}/api/v1/namespaces/default`
      get(url, { agent: false }, response => resolve(text(response))).on('error', reject)
    })
    expect(JSON.parse(answer)).toMatchObject({ kind: 'Namespace', metadata: { name: 'default' } })
    child.kill()
    await closed
  })
})
