import { BitWriter } from './bit-writer.ts';

export interface H264SpsFields {
  id?: number;
  profile?: number;
  level?: number;
  macroblocksAcross?: number;
  macroblocksDown?: number;
  log2MaxFrameNum?: number;
  /** Time scale of the VUI, two ticks per frame. */
  timeScale?: number;
  /** Bit rate value of the VUI's reference decoder. */
  bitRate?: number;
  reorder?: number;
}

/** A Main profile SPS without cropping; a VUI stands in it if one of its fields is given. */
export function h264Sps(fields: H264SpsFields = {}): Buffer {
  const {
    id = 0,
    profile = 77,
    level = 31,
    macroblocksAcross = 40,
    macroblocksDown = 30,
    log2MaxFrameNum = 4,
  } = fields;
  const bits = new BitWriter()
    .bits(profile, 8)
    .bits(0, 8)
    .bits(level, 8)
    .ue(id, log2MaxFrameNum - 4, 2, 1)
    .bits(0, 1);
  bits.ue(macroblocksAcross - 1, macroblocksDown - 1).bits(0b110, 3);
  const { timeScale, bitRate, reorder } = fields;
  if (timeScale === undefined && bitRate === undefined && reorder === undefined) return bits.bits(0, 1).nal(0x67);
  bits.bits(1, 1).bits(0, 4);
  if (timeScale === undefined) bits.bits(0, 1);
  else bits.bits(1, 1).bits(1, 32).bits(timeScale, 32).bits(1, 1);
  if (bitRate === undefined) bits.bits(0, 2);
  else bits.bits(1, 1).ue(0).bits(0, 8).ue(bitRate, 100).bits(0, 1).bits(0, 20).bits(0, 1).bits(0, 1);
  bits.bits(0, 1);
  if (reorder === undefined) bits.bits(0, 1);
  else bits.bits(1, 1).bits(1, 1).ue(0, 0, 10, 10, reorder, Math.max(1, reorder));
  return bits.nal(0x67);
}

export function h264Pps(id = 0, spsId = 0, qp = 0): Buffer {
  return new BitWriter().ue(id, spsId).bits(0, 2).ue(0, 0, 0).bits(0, 3).se(qp, 0, 0).bits(0, 3).nal(0x68);
}

/** The beginning of an IDR slice. */
export function h264Slice(ppsId = 0, firstMacroblock = 0): Buffer {
  return new BitWriter().ue(firstMacroblock, 7, ppsId).bits(0x5555, 16).nal(0x65);
}

export interface H265SpsFields {
  id?: number;
  width?: number;
  height?: number;
  /** Sub-layers, each with a profile and a level of its own. */
  subLayers?: number;
  scalingLists?: boolean;
  /** Reference picture sets told as changes of the one before. */
  changedSets?: boolean;
  longTerm?: number;
  timeScale?: number;
  reorder?: number;
}

export function h265Vps(timeScale?: number): Buffer {
  const bits = new BitWriter().bits(0, 4).bits(3, 2).bits(0, 6).bits(0, 3).bits(1, 1).bits(0xffff, 16);
  profileTierLevel(bits, 1).bits(1, 1).ue(4, 0, 0).bits(0, 6).ue(0);
  if (timeScale === undefined) bits.bits(0, 1);
  else bits.bits(1, 1).bits(1, 32).bits(timeScale, 32).bits(0, 1).ue(0);
  return bits.bits(0, 1).nal(0x40, 1);
}

export function h265Sps(fields: H265SpsFields = {}): Buffer {
  const { id = 0, width = 640, height = 368, subLayers = 1, reorder = 0 } = fields;
  const bits = new BitWriter()
    .bits(0, 4)
    .bits(subLayers - 1, 3)
    .bits(1, 1);
  profileTierLevel(bits, subLayers).ue(id, 1, width, height).bits(0, 1).ue(0, 0, 4);
  bits.bits(0, 1).ue(4, reorder, 0); // one ordering for all sub-layers
  bits.ue(0, 3, 0, 3, 0, 0);
  if (fields.scalingLists) scalingLists(bits.bits(3, 2));
  else bits.bits(0, 1);
  bits.bits(0, 2).bits(0, 1);
  if (fields.changedSets) changedSets(bits);
  else bits.ue(0);
  if (fields.longTerm === undefined) bits.bits(0, 1);
  else {
    bits.bits(1, 1).ue(fields.longTerm);
    for (let at = 0; at < fields.longTerm; at++) bits.bits(at, 8).bits(1, 1);
  }
  bits.bits(0, 2);
  if (fields.timeScale === undefined) return bits.bits(0, 1).bits(0, 1).nal(0x42, 1);
  bits.bits(1, 1).bits(0, 4).bits(0, 3).bits(0, 1).bits(1, 1).bits(1, 32).bits(fields.timeScale, 32);
  return bits.bits(0, 2).bits(0, 1).bits(0, 1).nal(0x42, 1);
}

export function h265Pps(id = 0, spsId = 0): Buffer {
  return new BitWriter().ue(id, spsId).bits(0, 7).ue(0, 0).se(0).bits(0, 3).se(0, 0).bits(0, 6).bits(0, 7).nal(0x44, 1);
}

function profileTierLevel(bits: BitWriter, subLayers: number): BitWriter {
  bits.bits(1, 8).bits(0x60000000, 32).bits(0xb0, 8).bits(0, 32).bits(0, 8).bits(93, 8);
  for (let layer = 1; layer < subLayers; layer++) bits.bits(3, 2);
  if (subLayers > 1) bits.bits(0, 2 * (9 - subLayers));
  for (let layer = 1; layer < subLayers; layer++) bits.bits(0x1234, 32).bits(0, 32).bits(0, 24).bits(63, 8);
  return bits;
}

function scalingLists(bits: BitWriter): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < (size === 3 ? 2 : 6); matrix++) {
      if (matrix % 2 === 0) bits.bits(0, 1).ue(0);
      else {
        bits.bits(1, 1);
        if (size > 1) bits.se(3);
        for (let at = 0; at < Math.min(64, 16 << (2 * size)); at++) bits.se((at % 5) - 2);
      }
    }
  }
}

/**
 * Four sets: {-1, -3, +2}; the same moved by -1, with the set's own picture; that one moved by +2, where one distance falls on 0
 * and goes, and one is left out; and a last one, whose length is wrong for whoever counts flags instead of distances.
 */
function changedSets(bits: BitWriter): void {
  bits.ue(4);
  bits.ue(2, 1).ue(0).bits(1, 1).ue(1).bits(1, 1).ue(1).bits(1, 1);
  bits.bits(1, 1).bits(1, 1).ue(0).bits(0b1111, 4); // -2, -4, +1 and -1
  bits.bits(1, 1).bits(0, 1).ue(1); // moving -1, -2, -4, +1 and 0 gives +1, 0, -2, (left out) and +2
  for (const used of ['1', '1', '1', '00', '1']) bits.bits(Number.parseInt(used, 2), used.length);
  bits.bits(1, 1).bits(1, 1).ue(0).bits(0b1111, 4);
}
