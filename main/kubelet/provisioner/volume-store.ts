/** Where a node keeps volumes that outlive pods. Names are those of PersistentVolumes. */
export interface VolumeStore {
  /** Makes a volume that anybody may write, or finds it; returns its path on the engine's host. */
  create(name: string): Promise<string>
  /** Removes a volume with its data. No error if there is none; rejects with the reason while something uses it. */
  remove(name: string): Promise<void>
  /** Removes volumes without any data but those that are kept, as is asked for each when it would be removed. */
  removeEmpty(isKept: (name: string) => boolean): Promise<void>
}
