/** Types of make.mjs, whose opening comment explains the fields. */
export interface HostileInput {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly expects: {
    readonly intact: readonly string[];
    readonly never: readonly string[];
    readonly faults: boolean;
    readonly inflatesTo?: number;
  };
}

export declare function truncatedGzip(): HostileInput;
export declare function forgedMember(): HostileInput;
export declare function forgedHeader(): HostileInput;
export declare function bombMember(): HostileInput;
export declare function bombBody(): HostileInput;
export declare function longLengthInMember(): HostileInput;
export declare function longLengthPlain(): HostileInput;
export declare function absurdLength(): HostileInput;
export declare function wrongChecksum(): HostileInput;
export declare function brokenLines(): HostileInput;
export declare function cutFooter(): HostileInput;
export declare function longFooter(): HostileInput;

/** Every maker above. */
export declare const all: readonly (() => HostileInput)[];
