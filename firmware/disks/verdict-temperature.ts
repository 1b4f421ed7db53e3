import { finding, type Finding } from './finding.ts';
import type { SmartReading } from './smart-reading.ts';

/** What makers allow who do not tell: 60 °C for disks that turn, 70 °C for flash, 80 °C for NVMe. */
const USUAL_MAX_C = { hdd: 60, ssd: 70, nvme: 80 };
/** So near the limit it is worth a word. */
const MARGIN_C = 5;
/** Some makers recommend 40 °C at most, for a life as long as possible; nearly every disk at work is above. */
const BELIEVED_RECOMMENDATION_C = 50;

export interface TemperatureLimits {
  readonly maxC: number;
  readonly warmC: number;
  readonly minC: number | undefined;
}

/** The disk's own limits, or those that are usual for its kind. */
export function temperatureLimits({ kind, medium, temperature }: SmartReading): TemperatureLimits {
  const usual = kind === 'nvme' ? USUAL_MAX_C.nvme : USUAL_MAX_C[medium ?? 'hdd'];
  const { limitMaxC, recommendedMaxC, limitMinC } = temperature;
  const recommended =
    recommendedMaxC !== undefined && recommendedMaxC >= BELIEVED_RECOMMENDATION_C ? recommendedMaxC : undefined;
  const maxC = limitMaxC ?? recommended ?? usual;
  // A limit that is far too low is a misprint of the firmware.
  const believed = maxC >= BELIEVED_RECOMMENDATION_C ? maxC : usual;
  return {
    maxC: believed,
    warmC: Math.min(recommended ?? Infinity, believed - MARGIN_C),
    minC: limitMinC,
  };
}

export function temperatureFindings(reading: SmartReading): Finding[] {
  const celsius = reading.temperature.currentC;
  // An NVMe disk that says itself that it is too hot needs no second word.
  if (celsius === undefined || ((reading.nvme?.criticalWarning ?? 0) & 2) !== 0) return [];
  const { maxC, warmC, minC } = temperatureLimits(reading);
  if (celsius >= maxC) return [finding('hot', 'warning', { celsius, limit: maxC })];
  if (celsius >= warmC) return [finding('warm', 'notice', { celsius, limit: maxC })];
  return minC !== undefined && celsius < minC ? [finding('cold', 'notice', { celsius, limit: minC })] : [];
}
