import { anyKind, type Resource } from '../resource.ts'
import { certificateSigningRequest } from './certificate-signing-request.ts'

export const certificatesKinds: readonly Resource[] = [anyKind(certificateSigningRequest)]
