import type { Gauge, Registry } from 'prom-client';
import type { StateNow } from './system-state.ts';
import type { TerminalCounts } from './terminals.ts';

interface Row {
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | undefined;
}

/** The figures of now in the text format of Prometheus 0.0.4. The library is loaded when somebody asks for the first time. */
export async function metricsText(now: StateNow, counts: TerminalCounts, version: string): Promise<string> {
  const { Gauge: OneGauge, Registry: OneRegistry } = await import('prom-client');
  const registry: Registry = new OneRegistry();
  const gauges = new Map<string, Gauge>();
  for (const { name, help, labels, value } of rowsOf(now, counts, version)) {
    if (value === undefined || !Number.isFinite(value)) continue;
    const labelNames = Object.keys(labels);
    const gauge = gauges.get(name) ?? new OneGauge({ name, help, labelNames, registers: [registry] });
    gauges.set(name, gauge);
    gauge.set(labels, value);
  }
  return registry.metrics();
}

function rowsOf(now: StateNow, counts: TerminalCounts, version: string): Row[] {
  const row = (name: string, help: string, value: number | undefined, labels: Row['labels'] = {}): Row => {
    return { name: `ipvs_${name}`, help, value, labels };
  };
  const { machine } = now;
  return [
    row('info', 'Version of the firmware', 1, { version }),
    row('cpu_percent', 'Processor of the machine in use', machine?.cpuPercent),
    row('load1', 'Load of the machine over one minute', machine?.load[0]),
    row('memory_bytes', 'Memory of the machine', machine?.memoryBytes),
    row('memory_available_bytes', 'Memory that is to be had', machine?.availableBytes),
    row('temperature_celsius', 'Temperature of the processor', machine?.temperatureC),
    row('process_cpu_percent', 'Processor that the box uses, of one core', now.process.cpuPercent),
    row('process_resident_bytes', 'Memory that the box uses', now.process.rssBytes),
    ...(machine?.networks ?? []).flatMap(({ name, receivedBytesPerS, sentBytesPerS }) => [
      row('network_received_bytes_per_second', 'Received', receivedBytesPerS, { interface: name }),
      row('network_sent_bytes_per_second', 'Sent', sentBytesPerS, { interface: name }),
    ]),
    ...(machine?.disks ?? []).flatMap(({ device, readBytesPerS, writtenBytesPerS, busyPercent }) => [
      row('disk_read_bytes_per_second', 'Read from the disk', readBytesPerS, { device }),
      row('disk_written_bytes_per_second', 'Written to the disk', writtenBytesPerS, { device }),
      row('disk_busy_percent', 'Share of the time in which the disk worked', busyPercent, { device }),
    ]),
    ...Object.entries(counts).map(([state, value]) => row('terminals', 'Cameras by their state', value, { state })),
    ...now.streams.flatMap((each) => {
      const labels = { camera: each.camera, stream: each.stream };
      return [
        row('stream_bits_per_second', 'Bit rate of the stream', each.bitsPerSecond, labels),
        row('stream_frames_per_second', 'Pictures and sounds a second', each.framesPerSecond, labels),
        row('stream_lost_packets', 'Packets that never came, since the box began', each.lost, labels),
        row('stream_reconnects', 'How often the stream came back, since the box began', each.reconnects, labels),
      ];
    }),
  ];
}
