/** What happened and what to do, in Chinese. */
interface Words {
  readonly what: string;
  readonly advice: string;
}

/**
 * The error table in simplified Chinese, for codes that can stand as a problem or be told in a notice. A rule test holds it
 * complete; a code that is missing all the same is told in English.
 */
export const WORDS_ZH: Readonly<Record<string, Words>> = {
  'rtsp.unauthorized': {
    what: '摄像机拒绝了用户名或密码。',
    advice: '请检查摄像机的用户名和密码，并确认该账户有观看视频的权限。',
  },
  'rtsp.refused': {
    what: '摄像机的地址和端口不接受连接。',
    advice: '请检查 URL 中的端口，并确认摄像机已开启 RTSP。',
  },
  'rtsp.timeout': {
    what: '摄像机没有及时应答。',
    advice: '请检查本机与摄像机之间的网络；如果摄像机完全没有应答，请重启摄像机。',
  },
  'rtsp.unreachable': {
    what: '网络无法到达摄像机。',
    advice: '请检查摄像机的地址、网线和电源，以及本机的路由。',
  },
  'rtsp.too-many-clients': {
    what: '摄像机的连接数已满，拒绝了新的连接。',
    advice: '请断开其他录像机和客户端与摄像机的连接，让它们从本机取流。',
  },
  'rtsp.codec-unsupported': {
    what: '摄像机发送的视频格式本机无法存储。',
    advice: '请在摄像机上把码流设置为 H.264 或 H.265。',
  },
  'rtsp.not-found': {
    what: '摄像机不认识 URL 中的路径。',
    advice: '请对照摄像机手册检查码流的 URL 路径，或让本机自动查找。',
  },
  'rtsp.protocol': {
    what: '摄像机的应答不是有效的 RTSP。',
    advice: '请确认端口是 RTSP 端口；如果是，请升级或重启摄像机。',
  },
  'rtsp.forbidden': {
    what: '摄像机认识该用户，但不允许其观看此码流。',
    advice: '请在摄像机上授予该用户观看视频的权限，或使用其他用户。',
  },
  'rtsp.camera-error': {
    what: '摄像机报告了自身的错误。',
    advice: '本机会自动重试；如果问题持续，请重启或升级摄像机。',
  },
  'rtsp.transport-refused': {
    what: '摄像机不提供本机可用的传输方式。',
    advice: '请把码流的传输方式设为自动，并在摄像机上允许 RTSP over TCP。',
  },
  'rtsp.media-stopped': {
    what: '摄像机已连接，但没有发送视频。',
    advice: '请检查摄像机和网络；使用 UDP 时请确认没有防火墙丢弃数据包，或改用 TCP。',
  },
  'rtsp.closed': {
    what: '摄像机关闭了连接。',
    advice: '本机会自动重新连接；如果经常发生，请重启或升级摄像机。',
  },
  'rtsp.bad-url': {
    what: '码流的 URL 不是 RTSP 地址。',
    advice: '请输入 rtsp://地址/路径 形式的 URL；用户名和密码有单独的输入项。',
  },
  'cameras.address-refused': {
    what: '本机不会在此地址寻找摄像机。',
    advice: '请检查地址。如果您的摄像机确实在那里，请将其网络加入摄像机网络（设置 terminals.networks）。',
  },
  'cameras.no-onvif': {
    what: '本机不知道此摄像机的 ONVIF 地址，只能观看和录像。',
    advice: '请搜索摄像机，或填写其 ONVIF 地址以及有权使用的摄像机用户。',
  },
  'cameras.untrusted': {
    what: '此摄像机已不是当初添加的那台，因此其实时画面暂不显示，也不对其进行控制或修改。',
    advice: '请查看变化。如果是您自己更换或重置了摄像机，请确认；否则请查明是什么设备取代了它。',
  },
  'cameras.changed-identity': {
    what: '摄像机的身份与添加时不同（非法终端）。录像仍在继续，但其画面不可信。',
    advice: '请到现场查看。如果是您自己更换或重置了摄像机，请确认；否则可能有人换上了其他设备。',
  },
  'cameras.nothing-to-confirm': {
    what: '此摄像机的身份没有变化。',
    advice: '无需操作。',
  },
  'cameras.not-watched': {
    what: '摄像机没有通过 ONVIF 应答：无法控制，也收不到其事件。录像不受影响。',
    advice: '请检查摄像机是否已开启 ONVIF，以及用户名和密码；本机会自动重试。',
  },
  'cameras.clock-off': {
    what: '摄像机的时钟误差超过一分钟，画面中的时间会误导人。',
    advice: '请校准时钟，或让本机为所有摄像机校时（设置 terminals.clock）。',
  },
  'cameras.events-not-written': {
    what: '摄像机的事件无法写入；事件仍会触发录像。',
    advice: '请检查数据文件夹所在磁盘的空间，以及该文件夹是否可写。',
  },
  'cameras.already-there': {
    what: '此摄像机已在设置中。',
    advice: '无需操作；如果地址不同，请修改已有的摄像机。',
  },
  'cameras.bad-table': {
    what: '无法理解摄像机表格。',
    advice: '请先导出摄像机以查看各列；第一行是列名。',
  },
  'cameras.no-room': {
    what: '加上这些摄像机后，磁盘保存的录像将不足一天。',
    advice: '请增加磁盘或减少摄像机；如果确实需要，也可以仍然添加。',
  },
  'ptz.taken': {
    what: '其他人正在控制此摄像机。',
    advice: '请等待对方放开；十秒内没有操作即可使用。',
  },
  'ptz.bad-picture': {
    what: '无法将其保存为预置点的图片。',
    advice: '必须是不超过 32 kB 的 JPEG 图片，且每台摄像机最多 300 张。',
  },
  'ptz.not-movable': {
    what: '此摄像机没有可以从这里移动的部件。',
    advice: '请检查摄像机是否已开启云台功能，以及本机使用的用户是否有权限。',
  },
  'rtsp.redirected': {
    what: '摄像机把本机转到另一个地址，本机不会跟随。',
    advice: '如果信任新地址，请把它填写为码流的 URL。',
  },
  'rtsp.tls': {
    what: '与摄像机的加密连接不可信或无法建立。',
    advice: '请检查摄像机的证书，或对该摄像机关闭证书验证。',
  },
  'onvif.bad-address': {
    what: '摄像机的 ONVIF 地址不正确。',
    advice: '请填写主机名、带端口的主机名，或以 http:// 或 https:// 开头的地址。',
  },
  'onvif.bad-range': {
    what: '无法识别要搜索的地址范围，或范围过大。',
    advice: '请写成 192.168.1.0/24 或 192.168.1.20-192.168.1.60，每个范围最多 4096 个地址。',
  },
  'onvif.unauthorized': {
    what: '摄像机通过 ONVIF 拒绝了用户名或密码。',
    advice: '请检查用户名和密码。有些厂商的 ONVIF 用户与网页用户是分开的：请在摄像机上添加 ONVIF 用户，并启用 ONVIF。',
  },
  'onvif.forbidden': {
    what: '摄像机认识此用户，但不允许它执行此操作。',
    advice: '请在摄像机上给该用户管理员或操作员权限，或改用其他用户。',
  },
  'onvif.unreachable': {
    what: '摄像机的 ONVIF 地址没有应答。',
    advice: '请检查地址和端口（常见的有 80、8000、8080、8899 和 2020），并确认摄像机已启用 ONVIF。',
  },
  'onvif.timeout': {
    what: '摄像机没有及时通过 ONVIF 应答。',
    advice: '请检查本机与摄像机之间的网络；如果摄像机完全没有应答，请重启摄像机。',
  },
  'onvif.not-supported': {
    what: '摄像机的 ONVIF 不提供此功能。',
    advice: '请使用摄像机提供的功能，或使用它自己的网页。',
  },
  'onvif.refused': {
    what: '摄像机拒绝了通过 ONVIF 提出的请求。',
    advice: '请重试；如果一直如此，请重启或升级摄像机。',
  },
  'onvif.busy': {
    what: '摄像机的 ONVIF 服务无法再接受客户端。',
    advice: '请断开其他录像机和程序与摄像机的连接，或等待几分钟，直到摄像机释放它们。',
  },
  'onvif.bad-answer': {
    what: '摄像机的应答不是 ONVIF。',
    advice: '请确认端口是 ONVIF 端口；如果是，请升级或重启摄像机。',
  },
  'onvif.answer-too-large': {
    what: '摄像机的应答大得不正常，因此没有读取。',
    advice: '请检查使用此地址的是什么设备；请重启或升级摄像机。',
  },
  'onvif.hostile-xml': {
    what: '摄像机的应答会危害读取者，因此没有读取。',
    advice: '请检查使用此地址的是什么设备。可能有攻击者冒充了摄像机，或者固件被篡改。',
  },
  'storage.not-ours': {
    what: '硬盘上没有本机的标识，或标识属于另一个存储卷。',
    advice: '请确认插入的是正确的硬盘；如果要在本机使用其中的录像，请先接管该硬盘。',
  },
  'storage.not-mounted': {
    what: '存储卷的硬盘不在。',
    advice: '请检查硬盘的数据线和电源，然后重新插入。',
  },
  'storage.full': {
    what: '存储卷没有剩余空间。',
    advice: '请释放空间、解锁不再需要的录像，或增加硬盘。',
  },
  'storage.read-only': {
    what: '存储卷无法写入。',
    advice: '请检查硬盘：文件系统发现损坏后会变为只读。同时请检查文件夹的权限。',
  },
  'storage.io': {
    what: '硬盘在读写时报告错误。',
    advice: '请查看硬盘的健康状况；如果错误再次出现，请更换硬盘。',
  },
  'storage.hung': {
    what: '硬盘长时间没有响应。',
    advice: '请检查硬盘的数据线和电源；如果再次停住，请更换硬盘。',
  },
  'storage.corrupt': {
    what: '存储卷上的文件内容与本机写入的不符。',
    advice: '请运行存储卷检查；能修复的会被修复，其余的会被列出。',
  },
  'storage.sync-failed': {
    what: '硬盘报告无法保存先前已接受的数据。',
    advice: '刚才录制的内容可能已丢失。请查看硬盘的健康状况；如果再次出现，请更换硬盘。',
  },
  'storage.no-sync': {
    what: '让存储卷安全落盘的程序没有运行。',
    advice: '本机会自动使用备用方式。请检查本机内存是否已耗尽。',
  },
  'storage.closed': {
    what: '存储卷正在停止，不再接受任务。',
    advice: '请在存储卷重新启用后再试。',
  },
  'catalogue.restarting': {
    what: '录像目录正在重新启动；录像不受影响。',
    advice: '请几秒后再试。如果问题持续，请检查数据文件夹所在硬盘的空间。',
  },
  'catalogue.timeout': {
    what: '录像目录没有及时应答。',
    advice: '请再试一次；重建大型目录期间应答会变慢。',
  },
  'catalogue.stopped': {
    what: '录像目录已停止。',
    advice: '请重新启动本机程序。',
  },
  'catalogue.failed': {
    what: '录像目录无法完成所要求的操作。',
    advice: '请检查数据文件夹所在硬盘以及所指存储卷的空间和健康状况。',
  },
  'catalogue.no-such-volume': {
    what: '录像目录中没有这个编号的存储卷。',
    advice: '请列出存储卷，查看其编号和使用状态。',
  },
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
  'recording.restarting': {
    what: '本机的录像部分正在重新启动。',
    advice: '请几秒后再试；原因请查看日志。',
  },
  'recording.timeout': {
    what: '本机的录像部分没有及时应答。',
    advice: '请几秒后再试；如果问题持续，请查看本机的负载。',
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
  'space.short': {
    what: '存储卷写满的速度超过了删除最旧录像的速度。',
    advice: '请查看硬盘的健康状况和负载；如果问题持续，请降低摄像机码率或增加硬盘。',
  },
  'space.stuck': {
    what: '存储卷已满，而剩余内容都不允许删除。',
    advice: '请解除不再需要的锁定，允许某组摄像机覆盖旧录像，或增加硬盘。',
  },
  'space.ask': {
    what: '一组不允许覆盖录像的摄像机所用硬盘已满，该组已停止录像。',
    advice: '请用 "ipvs space answer GROUP overwrite-once" 答复，增加硬盘，或把该组设为覆盖。',
  },
  'space.kept-stopped': {
    what: '因硬盘已满，一组摄像机按其所有者的决定停止录像。',
    advice: '需要恢复录像时，请增加硬盘，或用 "ipvs space answer GROUP overwrite-once" 答复。',
  },
  'space.no-question': {
    what: '该组摄像机没有等待答复。',
    advice: '请用 "ipvs space show" 查看哪些组已满；只有设为写满即停的组才会询问。',
  },
  'space.too-old': {
    what: '有摄像机的录像超过了设置允许的保存期限。',
    advice: '请检查存放该录像的硬盘是否可写、本机是否在删除旧录像，并查看本机的问题列表。',
  },
  'space.too-young': {
    what: '有摄像机的录像在所有者期望的期限之前被删除。',
    advice: '请增加硬盘、降低摄像机码率，或缩短期望天数；规划会给出所需数值。',
  },
  'space.clock-ahead': {
    what: '本机时钟超前得无法解释，因此暂不因保存期限删除录像。',
    advice:
      '请把时钟校准；如果时钟正确，请用 "ipvs space clock right" 确认。"ipvs space clock wrong" 会保留录像，直到时钟校准。',
  },
  'space.clock-not-doubted': {
    what: '本机时钟没有受到怀疑。',
    advice: '请查看 "ipvs space show"；没有需要答复的内容。',
  },
  'locks.keeps': {
    what: '文件未被删除：有锁定保护它。',
    advice: '无需处理。如果不再需要该录像，请解除锁定。',
  },
  'locks.no-such-lock': {
    what: '没有这个编号的有效锁定。',
    advice: '请列出锁定以查看其编号。',
  },
  'locks.not-kept': {
    what: '锁定已生效，但还没有任何硬盘记录下它。',
    advice: '请检查是否有可写的硬盘；本机会自动重试，期间仍会列出该锁定。',
  },
  'mp4.no-room': {
    what: '副本的编号超出了文件为其预留的位置。',
    advice: '文件保留在原处。如果硬盘即将损坏，请导出该文件。',
  },
  'evacuation.running': {
    what: '正在把该硬盘上的录像复制到其他硬盘。',
    advice: '请保持硬盘连接。ipvs jobs list 可显示进度。',
  },
  'evacuation.incomplete': {
    what: '该硬盘上的录像未能全部复制到其他硬盘。',
    advice: '先复制锁定的录像，然后从最新的开始。请腾出空间或增加硬盘后重新开始复制；无法读取的部分会随硬盘丢失。',
  },
  'evacuation.no-target': {
    what: '没有其他硬盘可以接收录像。',
    advice: '请先增加硬盘（ipvs disks format 或 adopt），再重新开始复制。',
  },
  'evacuation.differs': {
    what: '副本读回的内容与写入的不一致。',
    advice: '该副本已丢弃。请查看目标硬盘的健康状况。',
  },
  'evacuation.not-as-sealed': {
    what: '文件与录制时的内容不再一致。',
    advice: '文件已按现状复制，并标记为可疑。请查看硬盘的健康状况。',
  },
  'check.findings': {
    what: '硬盘检查发现有录像缺失或损坏。',
    advice: '请查看硬盘的健康状况。停止本机程序后运行 ipvs verify 可得到完整列表。',
  },
  'jobs.crashed': {
    what: '录像的复制或检查反复中断，已放弃。',
    advice: '请重新开始：已复制的内容不会再次复制。如果再次中断，请附上日志报告此问题。',
  },
  'jobs.busy': {
    what: '此操作已在进行中。',
    advice: '请等待其完成。',
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
  'http.no-such-screen': {
    what: '此屏幕的令牌不存在、已到期或已被撤销。',
    advice: '请在盒子的“访问令牌”页面为屏幕生成新的链接。',
  },
  'http.not-for-screens': {
    what: '权限超出观看的令牌不能用于屏幕浏览器。',
    advice: '请为监控墙屏幕单独生成只能实时预览的令牌。',
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
  'privileged.unavailable': {
    what: '此操作需要本机程序没有的权限，而拥有权限的进程没有应答。',
    advice: '请启动它（systemctl start ipvs-privileged）后再试。手动挂载的文件夹无需它也可使用。',
  },
  'privileged.not-allowed': {
    what: '拥有 root 权限的进程不接受该程序的请求。',
    advice: '请使用本机的 ipvs 命令；如果仍被拒绝，请重启 ipvs-privileged 和 ipvs。',
  },
  'privileged.bad-request': {
    what: '向拥有 root 权限的进程提出了它不支持的请求。',
    advice: '请确认本机程序与 ipvs-privileged 版本一致，并重启两者。',
  },
  'privileged.busy': {
    what: '该硬盘上还有其他操作正在进行。',
    advice: '请等待其结束后再试；如果硬盘忙碌达数分钟，说明它已停住，应当拔出。',
  },
  'privileged.timeout': {
    what: '硬盘或对其操作的程序没有及时应答。',
    advice: '请检查硬盘的数据线和健康状况；在它应答之前不会再对其操作。',
  },
  'privileged.program-missing': {
    what: '此操作所需的程序没有安装。',
    advice: '请安装所指的软件包（apt install），然后再试。',
  },
  'privileged.program-failed': {
    what: '对硬盘操作的程序报告了错误。',
    advice: '程序的原话已列出；如果涉及硬盘，请查看其健康状况。',
  },
  'disks.no-such-disk': {
    what: '没有这个编号的硬盘。',
    advice: '请列出硬盘（ipvs disks list），并复制所需硬盘的编号。',
  },
  'disks.ambiguous': {
    what: '多块硬盘的编号相同，无法区分所指的是哪一块。',
    advice: '请只保留其中一块。廉价硬盘盒会为每块硬盘报告相同编号，请更换硬盘盒。',
  },
  'disks.not-confirmed': {
    what: '重复输入的硬盘与所指的不同；没有进行任何操作。',
    advice: '格式化会清除硬盘内容：请两次输入完全相同的编号。',
  },
  'disks.system-disk': {
    what: '这块硬盘装有本机的系统，不能格式化。',
    advice: '请选择其他硬盘（ipvs disks list）。',
  },
  'disks.mounted': {
    what: '硬盘正在使用：其上的文件系统已挂载。',
    advice: '请先从本机移除它（ipvs disks remove）；如果是其他程序在用，请卸载。',
  },
  'disks.in-use': {
    what: '硬盘正被系统的其他部分使用：RAID、卷组、交换区或其他程序。',
    advice: '请先在那里释放硬盘，或选择其他硬盘。',
  },
  'disks.read-only': {
    what: '硬盘无法写入。',
    advice: '请检查硬盘或硬盘盒上的写保护开关；磨损严重的硬盘也可能拒绝写入。',
  },
  'disks.too-small': {
    what: '硬盘太小，不能使用这种文件系统。',
    advice: '请选择更大的硬盘，或使用 ext4。',
  },
  'disks.not-a-disk': {
    what: '这不是可以格式化的整块硬盘。',
    advice: '请指定硬盘本身，而不是分区或光驱。',
  },
  'disks.no-footage': {
    what: '这块硬盘上没有录像机的录像；没有对其做任何更改。',
    advice: '请确认硬盘是否正确。要用于新的录像，请格式化（ipvs disks format），这会清除其内容。',
  },
  'disks.foreign-format': {
    what: '硬盘上的文件系统本机不使用。',
    advice: '本机使用 ext4 和 xfs。请先把需要的内容复制出来再格式化，或手动挂载后接管其文件夹。',
  },
  'disks.newer-format': {
    what: '录像由更新版本的固件制作；没有做任何更改。',
    advice: '请升级本机，然后接管该硬盘。',
  },
  'disks.identity-damaged': {
    what: '说明录像归属的文件已损坏；没有做任何更改。',
    advice: '请查看硬盘的健康状况。录像本身是普通的 MP4 文件，仍可手动复制。',
  },
  'disks.same-cameras': {
    what: '该硬盘属于另一台设备，其中录像的摄像机编号与本机摄像机相同；两者的录像会混在一起。',
    advice:
      '如果是同一批摄像机（本机替换了另一台设备），请用 "--same-cameras" 接管；否则请用单独的数据文件夹查看：先 "ipvs disks adopt DISK --read-only --data FOLDER"，再 "ipvs run --data FOLDER --port 8090"。',
  },
  'disks.same-identity': {
    what: '另一块硬盘或文件夹有相同的标识：其中一个是另一个的副本。',
    advice: '请拔出其中一个。副本只能代替原件使用，不能与其同时使用。',
  },
  'disks.foreign-owner': {
    what: '硬盘上的文件属于其他用户，本机无权读取。',
    advice: '请以使用方式接管硬盘（文件将归本机所有），或授予本机用户读取权限。',
  },
  'disks.bad-folder': {
    what: '该文件夹不能用于录像。',
    advice: '请给出属于本机的真实文件夹的完整路径：不能是链接，也不能在其他存储卷之内。',
  },
  'disks.no-such-volume': {
    what: '本机没有这个名称的存储卷。',
    advice: '请列出硬盘和存储卷（ipvs disks list）。',
  },
  'disks.already-used': {
    what: '本机已在使用这块硬盘。',
    advice: '无需任何操作；ipvs status 会显示它。',
  },
  'disks.last-volume': {
    what: '这是唯一的存储卷；没有它本机无法录像。',
    advice: '请先为本机增加一块硬盘（ipvs disks format 或 adopt）。',
  },
  'disks.still-busy': {
    what: '本机已不再向该硬盘录像，但仍有程序在读取它。',
    advice: '请结束回放和导出后重复此命令；在提示可以拔出之前请勿拔出硬盘。',
  },
  'disks.failing': {
    what: '有硬盘正在损坏。',
    advice: '请立即更换；新的录像会写入其他硬盘。请复制必须保留的内容。原因已列出。',
  },
  'disks.ailing': {
    what: '有硬盘出现将要损坏的迹象。',
    advice: '请订购新硬盘，并复制必须保留的内容。原因已列出。',
  },
  'disks.remarkable': {
    what: '硬盘的健康状况有需要了解的情况。',
    advice: '原因和处理办法已列出；如果恶化，本机会发出警告。',
  },
  'disks.silent': {
    what: '先前报告健康状况的硬盘不再报告。',
    advice: '请检查其数据线、插头和电源，并确认 ipvs-privileged 正在运行。',
  },
  'disks.slow': {
    what: '硬盘写入所需的时间比以前长得多。',
    advice: '请查看其健康状况（ipvs disks health）、数据线和电源；变慢的硬盘往往随后就会损坏。',
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
