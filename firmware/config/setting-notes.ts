/** What the schema says about a setting besides its type, bounds and default. */
type SettingNotes = {
  title: string;
  help: string;
  /** The value is never shown, only replaced. */
  secret?: true;
  /** A change takes effect at the next start of the box. */
  restart?: true;
};

/** Typed, so that a misspelt note is a compile error. */
export function notes(given: SettingNotes): SettingNotes {
  return given;
}
