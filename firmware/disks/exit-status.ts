/** What the bits of smartctl's exit status say (smartctl(8), section EXIT STATUS). */
export interface ExitBits {
  /** Bit 0: the command line was not understood, or the kind of device could not be found out. */
  readonly notUnderstood: boolean;
  /** Bit 1: the device could not be opened, did not identify itself, or sleeps. */
  readonly notOpened: boolean;
  /** Bit 2: a command to the disk failed, or a checksum was wrong. Common behind bridges and controllers; no fault of the disk. */
  readonly commandFailed: boolean;
  /** Bit 3: the disk says of itself that it is failing. */
  readonly failing: boolean;
  /** Bit 4: a pre-failure attribute is at or below its threshold. */
  readonly attributeFailing: boolean;
  /** Bit 5: an attribute was at or below its threshold, or a usage attribute is. */
  readonly attributeWasLow: boolean;
  /** Bit 6: the error log has records. */
  readonly errorsLogged: boolean;
  /** Bit 7: the self-test log has failures. */
  readonly selfTestsFailed: boolean;
}

export function exitBits(status: number): ExitBits {
  const bit = (position: number): boolean => (status & (1 << position)) !== 0;
  return {
    notUnderstood: bit(0),
    notOpened: bit(1),
    commandFailed: bit(2),
    failing: bit(3),
    attributeFailing: bit(4),
    attributeWasLow: bit(5),
    errorsLogged: bit(6),
    selfTestsFailed: bit(7),
  };
}
