import { expect, it } from 'vitest'
import type { Probe, Volume } from '../../../../shared/api/core.ts'
import { podOf } from '../../../testing/objects.ts'
import { probeText } from './probe-text.ts'
import { volumeSource } from './volume-source.ts'

it.each<[Probe, string]>([
  [{ httpGet: { port: 8080, path: '/healthz' } }, 'GET :8080/healthz'],
  [{ httpGet: { port: 'web', scheme: 'HTTPS', host: 'me' } }, 'GET https://me:web/'],
  [{ tcpSocket: { port: 5432 } }, 'tcp :5432'],
  [{ grpc: { port: 9000, service: 'ready' } }, 'grpc :9000 ready'],
  [{ exec: { command: ['test', '-f', '/tmp/up'] } }, 'test -f /tmp/up'],
])('tells what a probe asks: %o', (probe, text) => {
  expect(probeText(probe)).toBe(text)
})

it.each<[Omit<Volume, 'name'>, string, string, string | undefined]>([
  [{ configMap: { name: 'conf' } }, 'ConfigMap', 'conf', 'configmaps'],
  [{ secret: { secretName: 'login' } }, 'Secret', 'login', 'secrets'],
  [{ persistentVolumeClaim: { claimName: 'data' } }, 'PersistentVolumeClaim', 'data', 'persistentvolumeclaims'],
  [{ ephemeral: {} }, 'PersistentVolumeClaim', 'api-0-v', 'persistentvolumeclaims'],
  [{ emptyDir: { medium: 'Memory', sizeLimit: '10Mi' } }, 'emptyDir', 'Memory, 10Mi', undefined],
  [{ hostPath: { path: '/srv' } }, 'hostPath', '/srv', undefined],
  [
    { projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'ca' } }] } },
    'projected',
    'serviceAccountToken, configMap ca',
    undefined,
  ],
  [{ iscsi: { iqn: 'iqn', lun: 0, targetPortal: 'p' } }, 'iscsi', '', undefined],
])('tells where a volume comes from: %o', (source, type, text, resource) => {
  const found = volumeSource({ name: 'v', ...source }, podOf())
  expect([found.type, found.text, found.link?.ref.resource]).toEqual([type, text, resource])
})
