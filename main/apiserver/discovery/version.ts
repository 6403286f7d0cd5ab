import { jsonAnswer, type ServerResponse } from '../request.ts'

/** What `/version` answers. The API is v1.36's; what stands behind the plus sign is not compared by clients. */
export const version = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.0+podbay',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: `${process.platform === 'win32' ? 'windows' : process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
}

/** `GET /version`. */
export function answerVersion(): ServerResponse {
  return jsonAnswer(200, version)
}
