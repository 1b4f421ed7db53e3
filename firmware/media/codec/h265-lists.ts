import type { BitReader } from './bit-reader.ts';

/** scaling_list_data (ITU-T H.265 7.3.4). */
export function skipScalingLists(reader: BitReader): void {
  for (let sizeId = 0; sizeId < 4; sizeId++) {
    const coefficients = Math.min(64, 1 << (4 + (sizeId << 1)));
    for (let matrixId = 0; matrixId < 6 && !reader.failed; matrixId += sizeId === 3 ? 3 : 1) {
      if (!reader.flag()) {
        reader.ueUpTo(5); // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (sizeId > 1) reader.se(); // scaling_list_dc_coef_minus8
      for (let at = 0; at < coefficients && !reader.failed; at++) reader.se();
    }
  }
}

/** Distances to reference pictures: before the picture (negative) and behind it, nearest first. */
interface PictureSet {
  before: number[];
  behind: number[];
}

const MOST_SETS = 64;
const MOST_PICTURES = 16;

/**
 * num_short_term_ref_pic_sets and the sets (7.3.7). Each set may be told as a change of the one before it, whose length
 * decides how many bits follow: that is why the distances must be worked out although nobody here needs them.
 */
export function skipReferencePictureSets(reader: BitReader): void {
  const count = reader.ueUpTo(MOST_SETS);
  let previous: PictureSet = { before: [], behind: [] };
  for (let index = 0; index < count && !reader.failed; index++) {
    previous = index > 0 && reader.flag() ? readChangedSet(reader, previous) : readPlainSet(reader);
  }
}

function readPlainSet(reader: BitReader): PictureSet {
  const befores = reader.ueUpTo(MOST_PICTURES);
  const behinds = reader.ueUpTo(MOST_PICTURES);
  return { before: readDistances(reader, befores, -1), behind: readDistances(reader, behinds, 1) };
}

function readDistances(reader: BitReader, count: number, sign: 1 | -1): number[] {
  const distances: number[] = [];
  let distance = 0;
  for (let at = 0; at < count && !reader.failed; at++) {
    distance += sign * (reader.ue() + 1);
    distances.push(distance);
    reader.skip(1); // used_by_curr_pic_flag
  }
  return distances;
}

/** Equations 7-61 and 7-62. */
function readChangedSet(reader: BitReader, from: PictureSet): PictureSet {
  const negative = reader.flag();
  const shift = (reader.ueUpTo(32767) + 1) * (negative ? -1 : 1);
  const sources = [...from.before, ...from.behind, 0];
  const kept: number[] = [];
  for (const source of sources) {
    const used = reader.flag();
    // use_delta_flag stands only where the picture is not used and counts as set otherwise.
    if (used || reader.flag()) kept.push(source + shift);
  }
  const set = {
    before: kept.filter((distance) => distance < 0).sort((a, b) => b - a),
    behind: kept.filter((distance) => distance > 0).sort((a, b) => a - b),
  };
  if (set.before.length > MOST_PICTURES || set.behind.length > MOST_PICTURES) reader.fail();
  return set;
}
