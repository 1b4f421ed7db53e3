/** Sounds for the test clips, as 16-bit little-endian mono PCM. */

const VOWELS = [
  [730, 1090],
  [270, 2290],
  [300, 870],
  [530, 1840],
] as const;

/** Something between a voice and a bell: a buzzing tone shaped by two vowel formants, in syllables. */
export function murmur(sampleRate: number, seconds: number): Buffer {
  const count = Math.round(sampleRate * seconds);
  const out = Buffer.alloc(count * 2);
  for (let index = 0; index < count; index++) {
    const time = index / sampleRate;
    const syllable = Math.floor(time * 4);
    const within = time * 4 - syllable;
    const [low, high] = VOWELS[(syllable * 7) % VOWELS.length]!;
    const loud = syllable % 8 > 5 ? 0 : Math.sin(within * Math.PI) ** 2;
    const pitch = 110 + 20 * Math.sin(syllable);
    let sum = 0;
    for (let harmonic = 1; harmonic * pitch < 3000; harmonic++) {
      const frequency = harmonic * pitch;
      const gain = Math.exp(-(((frequency - low) / 150) ** 2)) + 0.5 * Math.exp(-(((frequency - high) / 200) ** 2));
      sum += gain * Math.sin(2 * Math.PI * frequency * time);
    }
    out.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(sum * loud * 9000))), index * 2);
  }
  return out;
}

/** Machines: a hum with a beep each second. */
export function hum(sampleRate: number, seconds: number): Buffer {
  const count = Math.round(sampleRate * seconds);
  const out = Buffer.alloc(count * 2);
  for (let index = 0; index < count; index++) {
    const time = index / sampleRate;
    const beep = time % 1 < 0.15 ? Math.sin(2 * Math.PI * 1000 * time) * 6000 : 0;
    const low = Math.sin(2 * Math.PI * 100 * time) * 2500 + Math.sin(2 * Math.PI * 150 * time) * 1200;
    out.writeInt16LE(Math.round(low + beep), index * 2);
  }
  return out;
}
