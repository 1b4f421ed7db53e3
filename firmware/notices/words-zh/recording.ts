import type { Words } from './words.ts';

/** Recording, and what is made of recordings. */
export const RECORDING_ZH: Readonly<Record<string, Words>> = {
  'mp4.not-ours': {
    what: '该文件不是本固件的录像。',
    advice: '请把不属于本机的文件移出录像文件夹。',
  },
  'mp4.damaged': {
    what: '录像文件中含有不正确的数据。',
    advice: '请运行存储卷检查；如果再次发生，请查看硬盘的健康状况。',
  },
  'mp4.nothing-there': {
    what: '所要求的时间段内没有录像。',
    advice: '请选择时间轴上显示有录像的时间段。',
  },
  'recording.restarting': {
    what: '本机的录像部分正在重新启动。',
    advice: '请几秒后再试；原因请查看日志。',
  },
  'recording.timeout': {
    what: '本机的录像部分没有及时应答。',
    advice: '请几秒后再试；如果问题持续，请查看本机的负载。',
  },
  'mp4.no-room': {
    what: '副本的编号超出了文件为其预留的位置。',
    advice: '文件保留在原处。如果硬盘即将损坏，请导出该文件。',
  },
  'recording.out-of-group': {
    what: '该摄像机所绑定的存储组中没有硬盘可以录像，已由其他硬盘接替。',
    advice: '请检查该组的硬盘，或把摄像机绑定到其他组。',
  },
  'recording.missing': {
    what: '摄像机此时应当录像，但没有录像。',
    advice: '原因见旁注；请检查摄像机的电源和网络，以及本机的硬盘。',
  },
  'live.no-such-stream': {
    what: '该摄像机没有这个名称的码流，或已停用。',
    advice: '请选择该摄像机的其他码流，或在设置中启用摄像机。',
  },
  'live.too-many': {
    what: '一个连接可同时观看的画面已达上限。',
    advice: '请先关闭一些画面。',
  },
  'live.user-full': {
    what: '该用户在所有屏幕上同时观看的画面已达上限。',
    advice: '请在其他屏幕上关闭一些画面，或在那里使用其他用户登录。',
  },
  'live.no-ffmpeg': {
    what: '本机无法转换画面：未安装 ffmpeg 程序。',
    advice: '请在本机安装 ffmpeg，或使用支持该编码的浏览器，或将摄像机改为 H.264。',
  },
  'live.mpeg1-full': {
    what: '正在为不支持该编码的浏览器转换的画面已达本机上限。',
    advice: '请等待其他画面关闭，或使用支持该编码的浏览器，或在设置中调高 live.mpeg1Places。',
  },
  'live.mpeg1-failed': {
    what: '无法为此浏览器转换画面。录像不受影响。',
    advice: '请重试；若仍不行，请使用支持该编码的浏览器，或将摄像机改为 H.264。',
  },
  'exports.no-such-export': {
    what: '没有这个导出；导出可在一天内下载，本机重启后不再可用。',
    advice: '请重新准备导出。',
  },
  'views.no-such-view': {
    what: '没有这个视图。',
    advice: '请重新列出视图，它可能已被删除。',
  },
  'views.too-many': {
    what: '保存的视图已达上限。',
    advice: '请删除不再使用的视图。',
  },
  'views.unreadable': {
    what: '无法读取保存视图的文件。',
    advice: '请将 views.json 移出数据目录并重启本机，视图将重新开始。录像不受影响。',
  },
  'views.not-written': {
    what: '视图未能写入硬盘。',
    advice: '请检查数据目录所在的硬盘；视图保持原样。',
  },
  'exports.too-long': {
    what: '一次导出放不下这么多摄像机和时间。',
    advice: '请选择更短的时间，或减少摄像机。',
  },
  'exports.no-key': {
    what: '用于给导出文件签名的密钥无法使用。',
    advice: '请确认数据文件夹可写。如果其中的 evidence.pem 已损坏，请删除它，本机会生成新的密钥。',
  },
  'exports.too-many': {
    what: '正在进行的下载已达本机上限。',
    advice: '请等待其他下载完成，或停止其中一个。',
  },
  'exports.quota': {
    what: '超出了您还可下载的数据量：每个用户 24 小时内的下载量有上限。',
    advice: '请选择更短的时间，或等到额度恢复。管理本机的人员可在设置中提高 exports.userDailyBytes。',
  },
  'playback.nothing-there': {
    what: '从这一时间起没有该码流的录像。',
    advice: '请选择更早的时间，或其他码流或摄像机。',
  },
  'playback.unreadable': {
    what: '无法从硬盘读取这段录像。',
    advice: '请检查硬盘是否已连接且正常；其他时间和其他硬盘上的录像仍可播放。',
  },
  'recording.fewer-copies': {
    what: '该摄像机应写入两块硬盘，但只有一块硬盘可以录像。',
    advice: '请检查硬盘，或增加一块。',
  },
  'planning.wish-at-risk': {
    what: '该摄像机的录像将在期望的天数之前被删除。',
    advice: '查看可行的办法：ipvs disks plan。',
  },
  'planning.not-made': {
    what: '无法完成硬盘预测。',
    advice: '请重试；录像不受影响。',
  },
  'planning.no-such-proposal': {
    what: '当前的规划中没有这项建议。',
    advice: '请重新获取规划；摄像机、硬盘或设置已有变化。',
  },
  'planning.by-hand': {
    what: '这项建议不是本机的设置。',
    advice: '请自行更改摄像机或硬盘；规划会说明需要改多少。',
  },
};
