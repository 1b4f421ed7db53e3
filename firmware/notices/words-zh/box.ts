import type { Words } from './words.ts';

/** The box itself: settings, doors, people, notices. */
export const BOX_ZH: Readonly<Record<string, Words>> = {
  'config.invalid': {
    what: '有一项设置的值不被允许。',
    advice: '请更正所指出的设置；docs/settings.md 列出了允许的值。',
  },
  'config.unknown-key': {
    what: '设置中含有本机不认识的名称。',
    advice: '请更正名称的拼写，或删除它。',
  },
  'config.unreadable': {
    what: '无法读取设置。',
    advice: '请检查设置文件；最近一次有效的设置在同一文件夹的 settings.json.last-good 中。',
  },
  'config.not-written': {
    what: '无法写入设置；原有设置继续有效。',
    advice: '请检查数据文件夹所在硬盘的空间，以及该文件夹是否可写。',
  },
  'http.not-loopback': {
    what: '不使用 TLS 时，本机只应答来自本机的访问。',
    advice: '请将 http.host 设为 127.0.0.1；其他设备通过 HTTPS 访问本机。',
  },
  'http.port-in-use': {
    what: '网页界面的端口已被其他程序占用。',
    advice: '请用 --port 或设置 http.port、https.port 选择其他端口。',
  },
  'rtsp-server.port-in-use': {
    what: 'RTSP 服务的端口已被其他程序占用，播放器无法从该端口连接本机。录像不受影响。',
    advice: '请在设置 rtspServer.port、rtspServer.securePort 和 rtspServer.udpPort 中选择其他端口。',
  },
  'rtsp-server.too-many': {
    what: '从本机取流的播放器和录像机已达到同时服务的上限。',
    advice: '请停止其中一些，或在设置中调高 rtspServer.maxReaders。',
  },
  'rtsp-server.no-picture': {
    what: '摄像机此刻没有发送画面。',
    advice: '请检查摄像机是否已连接；播放器可在几秒后再试。',
  },
  'accounts.no-such-rtsp-password': {
    what: '没有这个编号的 RTSP 密码。',
    advice: '请查看 RTSP 密码列表以获得编号。',
  },
  'accounts.stale-challenge': {
    what: '此应答属于另一次质询，或质询已经过期。',
    advice: '请应答新的质询；播放器会自动完成。',
  },
  'notices.undelivered': {
    what: '本机的通知无法送达接收方。',
    advice: '请测试所指的通道；最后一次错误会说明需要修正什么。通知会等待并在之后发送。',
  },
  'notices.not-kept': {
    what: '等待发送的通知无法写入硬盘；此时断电会丢失这些通知。',
    advice: '请检查数据文件夹所在硬盘的空间和健康状况。',
  },
  'notices.no-such-channel': {
    what: '没有这个名称的通知通道。',
    advice: '请列出通知以查看通道：email，或 webhook/ 加上 webhook 的编号。',
  },
  'notices.channel-exists': {
    what: '已经有这个编号的 webhook。',
    advice: '请选择其他编号，或先删除已有的 webhook。',
  },
  'notices.target-refused': {
    what: '本机不会向该地址发送通知。',
    advice: '请使用公网地址，或把服务器所在网络加入 notices.allowNetworks；本机及本地链路的地址一律不用。',
  },
  'notices.unreachable': {
    what: '无法连接通知服务器。',
    advice: '请检查服务器的名称和端口，以及本机的网络：地址、网关和域名服务器。',
  },
  'notices.timeout': {
    what: '通知服务器没有及时应答。',
    advice: '请检查端口和安全设置（starttls 或 tls），以及服务器的负载。',
  },
  'notices.tls': {
    what: '与通知服务器的加密连接不可信或无法建立。',
    advice: '请检查名称、证书和端口；如果使用私有证书机构，请把其证书交给本机。',
  },
  'notices.login-refused': {
    what: '邮件服务器拒绝了用户名或密码。',
    advice: '请检查用户名和密码；许多邮件服务要求使用专门的授权码而不是登录密码。',
  },
  'notices.refused': {
    what: '服务器拒绝了通知。',
    advice: '请检查发件人和收件人，或 webhook 的地址和密钥；服务器的应答已列出。',
  },
  'notices.server-busy': {
    what: '服务器暂时无法接收通知。',
    advice: '本机会自动重试；如果问题持续，请检查服务器。',
  },
  'notices.redirected': {
    what: 'webhook 把本机转到另一个地址，本机不会跟随。',
    advice: '如果信任新地址，请把它填写为 webhook 的 URL。',
  },
  'notices.protocol': {
    what: '服务器的应答不是有效的邮件或网页数据。',
    advice: '请检查端口和安全设置（starttls 或 tls）。',
  },
  'http.no-such-screen': {
    what: '此屏幕的令牌不存在、已到期或已被撤销。',
    advice: '请在盒子的“访问令牌”页面为屏幕生成新的链接。',
  },
  'http.not-for-screens': {
    what: '权限超出观看的令牌不能用于屏幕浏览器。',
    advice: '请为监控墙屏幕单独生成只能实时预览的令牌。',
  },
  'audit.not-written': {
    what: '操作与事件日志无法写入。',
    advice: '请检查数据文件夹所在的磁盘是否在位、是否有空间。本机把最新的记录留在内存中并会重试。',
  },
  'audit.damaged': {
    what: '操作与事件日志与本机写入的内容不符。',
    advice: '有人改动了日志，或磁盘正在损坏。请运行 ipvs log verify，它会指出位置；新的记录写入另一个文件。',
  },
  'audit.not-read': {
    what: '操作与事件日志无法读取。',
    advice: '请重试；如果问题依旧，请检查数据文件夹所在的磁盘。',
  },
  'audit.busy': {
    what: '当前查询日志的人太多。',
    advice: '请稍后重试。',
  },
  'audit.bad-cursor': {
    what: '日志中没有这个位置。',
    advice: '请不带游标重新开始。',
  },
  'accounts.refused': {
    what: '用户名、密码或验证码不正确。',
    advice: '请重新输入。能接触到设备的人可以设置新密码：ipvs users reset-password NAME。',
  },
  'accounts.code-needed': {
    what: '此账户还需要身份验证器应用的验证码。',
    advice: '请输入应用当前显示的验证码，或一个恢复码。',
  },
  'accounts.too-many-tries': { what: '错误尝试次数过多。', advice: '请等待提示的时间后再试。' },
  'accounts.busy': { what: '此刻登录的人过多。', advice: '请几秒钟后再试。' },
  'accounts.weak-password': {
    what: '密码太容易被猜到。',
    advice: '请另选一个：至少 12 个字符，不是常见密码，也不包含名称。',
  },
  'accounts.no-such-user': { what: '没有这个名称的用户。', advice: '请列出用户以查看其名称。' },
  'accounts.user-exists': { what: '已有同名用户。', advice: '请另选名称，或修改现有用户。' },
  'accounts.last-administrator': {
    what: '这是唯一的管理员；没有管理员就无人能管理设备。',
    advice: '请先设立另一位管理员。',
  },
  'accounts.administrator-first': { what: '设备还没有管理员。', advice: '请用认领码设置设备，或先添加管理员。' },
  'accounts.already-claimed': {
    what: '设备已经完成设置。',
    advice: '请登录。能接触到设备的人可以设置新密码：ipvs users reset-password NAME。',
  },
  'accounts.bad-claim-code': {
    what: '认领码与此设备不符。',
    advice: '请重新查看：设备启动时会显示认领码，ipvs status 也会显示。',
  },
  'accounts.no-such-session': { what: '没有此编号的会话。', advice: '请列出会话以查看其编号。' },
  'accounts.no-such-token': { what: '没有此编号的令牌。', advice: '请列出令牌以查看其编号。' },
  'accounts.not-for-machines': {
    what: '此操作只能由登录的人执行，不能使用令牌。',
    advice: '请用用户名和密码登录，或在设备上直接操作。',
  },
  'accounts.endless': { what: '永不过期的令牌只能用于查看。', advice: '请为令牌设定期限，或只授予所列的权限。' },
  'accounts.too-many': { what: '数量已达到设备的上限。', advice: '请删除一些不再需要的。' },
  'accounts.unreadable': {
    what: '无法读取设备的账户；无人能够登录。录像继续进行。',
    advice: '请从备份恢复数据文件夹中的 accounts.json，或将其移走并重启设备：之后用认领码重新设置。',
  },
  'accounts.not-written': {
    what: '账户无法写入；原有账户继续有效。',
    advice: '请检查数据文件夹所在磁盘的空间，以及该文件夹是否可写。',
  },
  'box.support-over': {
    what: '此固件版本的维护期已结束：今后发现的安全漏洞将不再修复。',
    advice: '请将本机更新到较新的版本。录像不受影响。',
  },
  'box.bug': {
    what: '固件出现了错误。',
    advice: '请连同这段时间的日志一起报告。',
  },
  'config.not-opened': {
    what: '无法打开导出的设置。',
    advice: '请检查口令，并确认文件完整，且来自相同或更旧的固件版本。',
  },
  'control.unknown-operation': {
    what: '本机没有这个名称的操作。',
    advice: '请查看本机的操作列表。',
  },
  'control.bad-input': {
    what: '操作的输入无效。',
    advice: '请改正所指出的输入。',
  },
  'control.already-running': {
    what: '另一个进程正在使用此数据文件夹。',
    advice: '请使用正在运行的进程，或先停止它。',
  },
  'control.not-running': {
    what: '此数据文件夹没有正在运行的进程。',
    advice: '请启动本机，或确认数据文件夹正确。',
  },
  'control.no-data-folder': {
    what: '数据文件夹不存在。',
    advice: '请用 --data 指定正确的文件夹；运行 ipvs run 或添加第一台摄像机会新建文件夹。',
  },
  'control.box-runs': {
    what: '只有在本机停止时才能执行此操作。',
    advice: '请停止本机，执行操作，然后重新启动。',
  },
  'control.not-confirmed': {
    what: '无法撤销的操作须用本机名称确认。',
    advice: '请输入窗口中显示的本机名称。',
  },
  'control.no-such-camera': {
    what: '没有这个编号的摄像机。',
    advice: '请查看摄像机列表以获得编号。',
  },
  'control.camera-exists': {
    what: '已有使用此编号的摄像机。',
    advice: '请换一个编号，或修改已有的摄像机。',
  },
  'control.not-signed-in': {
    what: '只有登录后才能执行此操作。',
    advice: '请登录；如果此前已登录，会话已结束，请重新登录。',
  },
  'control.forbidden': {
    what: '您没有执行此操作的权限。',
    advice: '请向本机的管理员申请所指出的权限。',
  },
  'control.no-such-job': {
    what: '没有这个编号的任务。',
    advice: '请查看任务列表；早已结束的任务以及上次启动之前的任务不再保留。',
  },
  'control.job-goes-on': {
    what: '此任务无法停止。',
    advice: '请等待它结束，或查看它是否已经结束。',
  },
  'control.too-many-jobs': {
    what: '正在运行的任务过多。',
    advice: '请等待其中一些任务结束。',
  },
  'http.certificate-unusable': {
    what: '无法读取本机的证书或其密钥。',
    advice: '请从数据文件夹中删除 tls.pem 后重新启动，本机会生成新的证书。',
  },
  'http.certificate-refused': {
    what: '此证书无法使用。',
    advice: '请提供有效期内的 PEM 格式证书及其密钥。',
  },
  'http.unclaimed': {
    what: '本机尚未完成初始设置。',
    advice: '请先使用启动时显示的认领码完成设置。',
  },
  'http.foreign-origin': {
    what: '请求来自其他网站的页面，或缺少会话令牌。',
    advice: '请使用本机自己的页面；程序请使用 API 令牌登录。',
  },
  'http.foreign-host': {
    what: '此处不能以这个名称访问本机。',
    advice: '请使用本机的地址，在本机上请使用 localhost。',
  },
  'http.no-such-path': {
    what: '此地址没有内容。',
    advice: '请检查地址；/api/openapi.json 列出了全部内容。',
  },
  'http.no-window': {
    what: '此处尚未构建盒子的操作界面。',
    advice: '请在固件目录中运行 node scripts/run.js ui，然后重新启动盒子。接口不受影响。',
  },
  'http.wrong-method': {
    what: '此地址不支持这种访问方式。',
    advice: '请使用所列出的方法之一。',
  },
  'http.too-large': {
    what: '请求超出了本机接受的大小。',
    advice: '请减少一次发送的内容。',
  },
  'http.not-json': {
    what: '此处只接受 JSON。',
    advice: '请以 JSON 发送输入，内容类型为 application/json。',
  },
  'http.bad-json': {
    what: '请求的正文不是本机接受的 JSON。',
    advice: '请改正 JSON；__proto__ 之类的名称会被拒绝。',
  },
  'http.too-many-requests': {
    what: '此客户端在短时间内请求过多。',
    advice: '请等待 Retry-After 指出的时间。',
  },
};
