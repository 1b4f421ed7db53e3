/**
 * Says what machine this is, as one JSON line on standard output, and ends. A process of its own because systeminformation starts
 * programs for some of what it knows, which the box itself never does. Runs in: helper process.
 */
import { cpu, osInfo, system } from 'systeminformation';

const [board, processor, os] = await Promise.all([system(), cpu(), osInfo()]);
const said = {
  maker: board.manufacturer,
  model: board.model,
  processor: `${processor.manufacturer} ${processor.brand}`.trim(),
  cores: processor.cores,
  maxGhz: processor.speedMax,
  architecture: os.arch,
  system: `${os.distro} ${os.release}`.trim(),
  kernel: os.kernel,
};
process.stdout.write(`${JSON.stringify(said)}\n`);
