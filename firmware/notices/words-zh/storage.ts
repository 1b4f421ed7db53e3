import type { Words } from './words.ts';

/** Disks and what lies on them. */
export const STORAGE_ZH: Readonly<Record<string, Words>> = {
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
};
