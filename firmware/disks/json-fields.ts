const MAX_TEXT = 200;
const MAX_LIST = 1000;
/** The widest counter of any disk has 128 bits (NVMe); sums of a few of them are still numbers. */
const MAX_COUNT = 2 ** 128;
// Names and messages come from the disk's own firmware.
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** A view of JSON that nobody vouches for: what is missing or of another kind reads as undefined, and lists and texts are bounded. */
export class Fields {
  readonly #members: Readonly<Record<string, unknown>>;
  /** False if there was no object at all. */
  readonly present: boolean;

  constructor(value: unknown) {
    this.present = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.#members = this.present ? (value as Record<string, unknown>) : {};
  }

  get names(): string[] {
    return Object.keys(this.#members).slice(0, MAX_LIST);
  }

  object(name: string): Fields {
    return new Fields(this.#own(name));
  }

  /** The objects of a list; other members are left out. */
  list(name: string): Fields[] {
    const value = this.#own(name);
    if (!Array.isArray(value)) return [];
    return value
      .slice(0, MAX_LIST)
      .map((each) => new Fields(each))
      .filter(({ present }) => present);
  }

  /** A finite number; smartctl writes those that JSON cannot hold exactly as text. */
  number(name: string): number | undefined {
    const value = this.#own(name);
    if (typeof value === 'string' && /^-?\d{1,40}(?:\.\d{1,20})?$/.test(value)) return Number(value);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  /** A whole number of zero or more that a counter can hold. */
  count(name: string): number | undefined {
    const value = this.number(name);
    return value !== undefined && value >= 0 && value <= MAX_COUNT && Number.isInteger(value) ? value : undefined;
  }

  text(name: string): string | undefined {
    const value = this.#own(name);
    if (typeof value !== 'string') return undefined;
    const clean = value.slice(0, MAX_TEXT).replaceAll(CONTROL, ' ').trim();
    return clean === '' ? undefined : clean.toWellFormed();
  }

  flag(name: string): boolean | undefined {
    const value = this.#own(name);
    return typeof value === 'boolean' ? value : undefined;
  }

  #own(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
  }
}
