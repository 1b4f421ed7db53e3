import type { Words } from './words.ts';

/** Cameras: the wire, discovery, identity, steering. */
export const CAMERAS_ZH: Readonly<Record<string, Words>> = {
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
};
