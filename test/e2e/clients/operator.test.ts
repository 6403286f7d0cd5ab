import {
  AdmissionregistrationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type KubernetesObject,
} from '@kubernetes/client-node'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issueAuthority, issueCertificate } from '../../../main/apiserver/tls/issue.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { podbay, startEngine, type Engine } from '../../helpers/engine.ts'
import { eventually } from '../../helpers/eventually.ts'
import { createKubectl, type Kubectl } from '../../helpers/kubectl.ts'

interface Lamp extends KubernetesObject {
  spec?: { colour?: string }
  status?: { lit?: string; observedGeneration?: number }
}

const namespace = 'default'
const of = { group: 'sea.example', version: 'v1', namespace, plural: 'lamps' }
const finalizer = 'sea.example/put-out'
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'lamps.sea.example' },
  spec: {
    group: of.group,
    scope: 'Namespaced',
    names: { plural: of.plural, kind: 'Lamp' },
    versions: [
      {
        name: of.version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { colour: { type: 'string' } } },
              status: {
                type: 'object',
                properties: { lit: { type: 'string' }, observedGeneration: { type: 'integer' } },
              },
            },
          },
        },
      },
    ],
  },
}

/** Keeps a ConfigMap for every Lamp, says so in its status, and puts it out before it goes: as an operator is written. */
async function startOperator(config: KubeConfig, out: string[]) {
  const custom = config.makeApiClient(CustomObjectsApi)
  const core = config.makeApiClient(CoreV1Api)
  const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  const apply = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply)

  async function reconcile({ metadata = {}, spec = {} }: Lamp): Promise<void> {
    const { name = '', uid = '', generation = 0, finalizers = [], deletionTimestamp } = metadata
    const setFinalizers = (next: string[]) =>
      custom.patchNamespacedCustomObject({ ...of, name, body: { metadata: { finalizers: next } } }, merge)
    if (deletionTimestamp) {
      if (!finalizers.includes(finalizer)) return
      out.push(name)
      await setFinalizers(finalizers.filter(other => other !== finalizer))
      return
    }
    if (!finalizers.includes(finalizer)) await setFinalizers([...finalizers, finalizer])
    const owner = { apiVersion: 'sea.example/v1', kind: 'Lamp', name, uid, controller: true }
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `lamp-${name}`, ownerReferences: [owner] },
      data: { colour: spec.colour ?? 'white' },
    }
    const options = { name: `lamp-${name}`, namespace, body, fieldManager: 'lamps', force: true }
    await core.patchNamespacedConfigMap(options, apply)
    const status = { lit: spec.colour ?? 'white', observedGeneration: generation }
    await custom.patchNamespacedCustomObjectStatus({ ...of, name, body: { status } }, merge)
  }

  const list = () => custom.listNamespacedCustomObject(of) as Promise<{ items: Lamp[] }>
  const informer = makeInformer<Lamp>(config, `/apis/${of.group}/${of.version}/namespaces/${namespace}/lamps`, list)
  let work = Promise.resolve()
  const handle = (lamp: Lamp) => {
    // One after the other, as from a queue.
    work = work.then(() => reconcile(lamp))
  }
  informer.on('add', handle)
  informer.on('update', handle)
  await informer.start()
  return {
    async [Symbol.asyncDispose]() {
      await informer.stop()
      await work
    },
  }
}

describe.skipIf(withoutDocker)('an operator written with client-node', () => {
  const name = `operator-${process.pid}`
  let directory: string
  let engine: Engine
  let config: KubeConfig
  let kubectl: Kubectl
  let custom: CustomObjectsApi

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'podbay-operator-'))
    engine = await startEngine({ name, dataDir: join(directory, 'data') })
    config = new KubeConfig()
    config.loadFromFile(engine.kubeconfig)
    kubectl = createKubectl(engine.kubeconfig)
    custom = config.makeApiClient(CustomObjectsApi)
    await KubernetesObjectApi.makeApiClient(config).create(definition)
    await kubectl.ok(['wait', '--for=condition=Established', 'crd/lamps.sea.example'])
  })
  afterAll(async () => {
    await engine.end('SIGTERM')
    podbay('delete', '--name', name, '--data-dir', join(directory, 'data'))
    rmSync(directory, { recursive: true, force: true })
  })

  const lamp = (lampName: string, colour: string) => ({
    apiVersion: 'sea.example/v1',
    kind: 'Lamp',
    metadata: { name: lampName },
    spec: { colour },
  })
  const read = async (lampName: string) => (await custom.getNamespacedCustomObject({ ...of, name: lampName })) as Lamp

  it('keeps what is wanted, says so, and cleans up before the object goes', async () => {
    const out: string[] = []
    await using _operator = await startOperator(config, out)
    await custom.createNamespacedCustomObject({ ...of, body: lamp('bow', 'green') })
    const data = () => kubectl.ok(['get', 'configmap', 'lamp-bow', '-o', 'jsonpath={.data.colour}'])
    await eventually(async () => expect((await read('bow')).status).toEqual({ lit: 'green', observedGeneration: 1 }))
    expect(await data()).toBe('green')
    await kubectl.ok(['patch', 'lamp', 'bow', '--type=merge', '-p', '{"spec":{"colour":"red"}}'])
    await eventually(async () => expect((await read('bow')).status).toEqual({ lit: 'red', observedGeneration: 2 }))
    expect(await data()).toBe('red')
    await kubectl.ok(['delete', 'lamp', 'bow', '--timeout=60s'])
    expect(out).toEqual(['bow'])
    await kubectl.ok(['wait', '--for=delete', 'configmap/lamp-bow', '--timeout=60s'])
  })

  it('has a webhook that is served from a pod', async () => {
    const now = Date.now()
    const ca = await issueAuthority('harbour', now)
    const names = ['lamps.default.svc']
    const pair = await issueCertificate({ subject: { commonName: 'lamps' }, usage: 'server', names, ca, now })
    const core = config.makeApiClient(CoreV1Api)
    const files = { 'webhook.sh': readFileSync(join(import.meta.dirname, 'webhook.sh'), 'utf8') }
    const metadata = { name: 'lamps', labels: { app: 'lamps' } }
    await core.createNamespacedSecret({
      namespace,
      body: { metadata, stringData: { ...files, 'tls.pem': `${pair.certificate}\n${pair.key}` } },
    })
    await core.createNamespacedService({
      namespace,
      body: { metadata, spec: { selector: { app: 'lamps' }, ports: [{ port: 443, targetPort: 8443 }] } },
    })
    const listen = 'OPENSSL-LISTEN:8443,fork,reuseaddr,verify=0,cert=/hook/tls.pem'
    await core.createNamespacedPod({
      namespace,
      body: {
        metadata,
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'webhook',
              image: 'podbay.test/tls:1',
              command: ['socat', listen, 'EXEC:bash /hook/webhook.sh'],
              volumeMounts: [{ name: 'hook', mountPath: '/hook' }],
              readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
            },
          ],
          volumes: [{ name: 'hook', secret: { secretName: 'lamps' } }],
        },
      },
    })
    await kubectl.ok(['wait', 'pod/lamps', '--for=condition=Ready', '--timeout=120s'])
    await config
      .makeApiClient(AdmissionregistrationV1Api)
      .createMutatingWebhookConfiguration({
        body: {
          metadata: { name: 'lamps' },
          webhooks: [
            {
              name: 'lamps.sea.example',
              admissionReviewVersions: ['v1'],
              sideEffects: 'None',
              clientConfig: {
                service: { namespace, name: 'lamps' },
                caBundle: Buffer.from(ca.certificate).toString('base64'),
              },
              rules: [{ apiGroups: ['sea.example'], apiVersions: ['*'], operations: ['CREATE'], resources: ['lamps'] }],
            },
          ],
        },
      })
    const create = await kubectl.run(['create', '-f', '-'], JSON.stringify(lamp('stern', 'white')))
    expect(create.output).toContain('Warning: from lamps')
    expect((await read('stern')).metadata?.labels).toEqual({ admitted: 'yes' })
    // Where nothing answers, nothing is admitted.
    await kubectl.ok(['delete', 'pod', 'lamps', '--timeout=60s'])
    const refused = await kubectl.run(['create', '-f', '-'], JSON.stringify(lamp('mast', 'white')))
    expect(refused.code).toBe(1)
    expect(refused.output).toContain('failed calling webhook "lamps.sea.example"')
  })
})
