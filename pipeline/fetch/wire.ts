/**
 * One connection for one request. It decides which addresses may be connected to, on the addresses that a name resolved to and
 * again on the one that was reached, so that a name cannot change its mind in between; and it keeps the octets of both directions
 * as they are on the wire (inside TLS), which is what a WARC file holds.
 */
import { isIP, type LookupFunction, type Socket, connect as tcpConnect } from "node:net";
import { connect as tlsConnect } from "node:tls";

/** What a connection is busy with; where it ends is what went wrong. */
export type Stage = "dns" | "connect" | "tls" | "request";

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** A name's addresses. @throws where there are none */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export interface WireOptions {
  readonly resolve: Resolve;
  /** Whether an address may be connected to. */
  permits(address: string): boolean;
  /** At most so many octets of the answer are kept. */
  readonly bytes: number;
  onStage(stage: Stage): void;
  /** More came than is kept. */
  onFull(): void;
}

/** Why nothing was asked: the address, or all that the name has, may not be connected to. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
}

export class Wire {
  stage: Stage = "dns";
  /** The address that was connected to. */
  address: string | undefined;
  #socket: Socket | undefined;
  readonly #sent: Uint8Array[] = [];
  readonly #received: Uint8Array[] = [];
  #bytes = 0;

  constructor(
    private readonly url: URL,
    private readonly options: WireOptions,
  ) {}

  sent(): Uint8Array {
    return Buffer.concat(this.#sent);
  }

  /** Not more than `bytes` octets. */
  received(): Uint8Array {
    return Buffer.concat(this.#received).subarray(0, this.options.bytes);
  }

  get full(): boolean {
    return this.#bytes > this.options.bytes;
  }

  /** Connects, and calls back once a request may be sent, or with the error. */
  open(callback: (error: Error | null, socket: Socket | null) => void): void {
    const { protocol, port, hostname } = this.url;
    const host = hostname.replace(/^\[|\]$/g, "");
    const literal = isIP(host) !== 0;
    if (literal && !this.options.permits(host)) {
      callback(new AddressRefused(host), null);
      return;
    }
    const tls = protocol === "https:";
    const where = { host, port: Number(port) || (tls ? 443 : 80), lookup: this.#lookup, noDelay: true };
    const socket = tls
      ? tlsConnect({ ...where, ALPNProtocols: ["http/1.1"], ...(literal ? {} : { servername: host }) })
      : tcpConnect(where);
    this.#socket = socket;
    if (literal) this.#enter("connect");
    let called = false;
    const end = (error: Error | null): void => {
      if (called) return;
      called = true;
      if (error !== null) callback(error, null);
      else {
        this.#enter("request");
        callback(null, socket);
      }
    };
    // Stays for the life of the socket: an error after the answer is nobody's any more, and must not end the process.
    socket.on("error", (error) => end(error));
    socket.on("lookup", (error) => {
      if (error === null) this.#enter("connect");
    });
    socket.once("connect", () => {
      this.address = socket.remoteAddress;
      if (!this.options.permits(this.address ?? "")) socket.destroy(new AddressRefused(this.address ?? "unknown"));
      else if (tls) this.#enter("tls");
      else end(null);
    });
    if (tls) socket.once("secureConnect", () => end(null));
    this.#listen(socket);
  }

  close(): void {
    this.#socket?.destroy();
  }

  #listen(socket: Socket): void {
    const push = socket.push.bind(socket);
    socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (chunk instanceof Uint8Array) this.#keep(chunk);
      return push(chunk, encoding);
    };
    const write = socket.write.bind(socket) as (...args: readonly unknown[]) => boolean;
    socket.write = ((chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
      this.#sent.push(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : new Uint8Array(chunk));
      return write(chunk, ...rest);
    }) as Socket["write"];
  }

  #keep(chunk: Uint8Array): void {
    if (!this.full) this.#received.push(chunk);
    this.#bytes += chunk.length;
    if (this.full) this.options.onFull();
  }

  #enter(stage: Stage): void {
    if (this.stage === stage) return;
    this.stage = stage;
    this.options.onStage(stage);
  }

  readonly #lookup: LookupFunction = (hostname, options, callback) => {
    this.options.resolve(hostname).then(
      (all) => {
        const addresses = all.filter(({ address }) => this.options.permits(address));
        const [first] = addresses;
        if (first === undefined) {
          const error = new AddressRefused(`${hostname} is ${all.map(({ address }) => address).join(", ") || "nowhere"}`);
          callback(error, options.all === true ? [] : "");
        } else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, options.all === true ? [] : ""),
    );
  };
}
