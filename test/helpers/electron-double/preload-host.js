// Runs in the page before its scripts: the part of Electron that a preload script sees. `__podbayPreload` is the real,
// bundled preload. Both share the page's world here, so context isolation can't be shown by this double.
;(() => {
  const listeners = new Map()
  const ports = new Map()
  const ipcRenderer = {
    invoke: (channel, ...args) => globalThis.__invoke(channel, args),
    on: (channel, listener) => void listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
  }
  const contextBridge = {
    exposeInMainWorld: (name, value) => Object.defineProperty(globalThis, name, { value, enumerable: true }),
  }

  globalThis.__fromMain = message => {
    if (message.relay === 'message') ports.get(message.port)?.postMessage(message.data)
    else if (message.relay === 'close') {
      ports.get(message.port)?.close()
      ports.delete(message.port)
    } else {
      const event = { ports: message.ports.map(openPort) }
      for (const listener of listeners.get(message.channel) ?? []) listener(event, message.data)
    }
  }

  function openPort(id) {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => globalThis.__toMain({ relay: 'message', port: id, data })
    port1.addEventListener('close', () => {
      if (ports.delete(id)) globalThis.__toMain({ relay: 'close', port: id })
    })
    ports.set(id, port1)
    return port2
  }

  if (globalThis.self !== globalThis.top) return
  const modules = { electron: { ipcRenderer, contextBridge } }
  const process = { platform: 'linux' }
  const module = { exports: {} }
  globalThis.__podbayPreload(name => modules[name], process, module, module.exports)
})()
