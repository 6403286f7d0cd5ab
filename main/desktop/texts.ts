/** The few words that are not the page's: menu, tray, dialogs of the shell. */
const en = {
  open: 'Open Podbay',
  quit: 'Quit Podbay',
  starting: 'The cluster is starting',
  running: 'The cluster is running',
  stopping: 'The cluster is stopping',
  failed: 'The cluster could not start',
  simulated: 'simulated',
  dockerUnreachable: 'Docker is not reachable',
  notStarted: 'The engine could not start.',
  tryAgain: 'Try again',
  file: 'File',
  edit: 'Edit',
  view: 'View',
  window: 'Window',
}

export type Texts = Record<keyof typeof en, string>

const zh: Texts = {
  open: '打开 Podbay',
  quit: '退出 Podbay',
  starting: '集群正在启动',
  running: '集群正在运行',
  stopping: '集群正在停止',
  failed: '集群无法启动',
  simulated: '模拟运行',
  dockerUnreachable: '无法连接 Docker',
  notStarted: '引擎无法启动。',
  tryAgain: '重试',
  file: '文件',
  edit: '编辑',
  view: '视图',
  window: '窗口',
}

/** By the system's preferred languages, best first (`zh-Hans-CN`, `en-GB`). */
export function textsFor(languages: readonly string[]): Texts {
  return languages[0]?.toLowerCase().startsWith('zh') ? zh : en
}
