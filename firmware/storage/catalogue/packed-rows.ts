/** Many rows as few columns: tens of thousands of objects between threads hold up whoever gets them, a few arrays do not. */

/** Where something was recorded: camera, stream and volume. */
export interface RecordedAt {
  readonly camera: string;
  readonly stream: string;
  readonly volume: string;
}

/** The figures of `HourInfo` and of `KeptDay`. */
export const HOUR_FIGURES = ['hour', 'recordedUs', 'bytes', 'keptUs', 'keptBytes'] as const;
export const DAY_FIGURES = ['day', 'keptUs', 'keptBytes'] as const;
export type HourFigure = (typeof HOUR_FIGURES)[number];
export type DayFigure = (typeof DAY_FIGURES)[number];

/** Of row i: `places[place[i]]`, and `columns[key][i]` for each of its figures. */
export interface PackedRows<K extends string> {
  readonly places: readonly RecordedAt[];
  readonly place: Uint32Array<ArrayBuffer>;
  readonly columns: Readonly<Record<K, Float64Array<ArrayBuffer>>>;
}

export type Unpacked<K extends string> = RecordedAt & Readonly<Record<K, number>>;

export function packRows<K extends string>(rows: readonly Unpacked<K>[], keys: readonly K[]): PackedRows<K> {
  const places: RecordedAt[] = [];
  const known = new Map<string, number>();
  const place = new Uint32Array(rows.length);
  const columns = Object.fromEntries(
    keys.map((key) => [key, new Float64Array(rows.length)]),
  ) as PackedRows<K>['columns'];
  for (const [index, row] of rows.entries()) {
    const { camera, stream, volume } = row;
    const key = `${camera}/${stream}/${volume}`;
    let at = known.get(key);
    if (at === undefined) {
      at = places.push({ camera, stream, volume }) - 1;
      known.set(key, at);
    }
    place[index] = at;
    for (const each of keys) columns[each][index] = row[each];
  }
  return { places, place, columns };
}

export function unpackRows<K extends string>({ places, place, columns }: PackedRows<K>): Unpacked<K>[] {
  const keys = Object.keys(columns) as K[];
  return Array.from(place, (at, index) => {
    const row: Record<string, unknown> = { ...places[at]! };
    for (const key of keys) row[key] = columns[key][index]!;
    return row as Unpacked<K>;
  });
}

/** The memory behind them, which can change hands between threads. */
export function buffersOf({ place, columns }: PackedRows<string>): ArrayBuffer[] {
  return [place.buffer, ...Object.values(columns).map(({ buffer }) => buffer)];
}
