/**
 * A server that misbehaves: it reads the head of a request from the socket, finds the site by the first label of Host, and lets
 * that site write whatever it likes. It counts what it is asked, and how much at a time.
 */
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { root } from "../corpora.js";

export interface Asked {
  readonly socket: Socket;
  readonly host: string;
  readonly path: string;
  readonly head: string;
  /** How often this path was asked for before. */
  readonly earlier: number;
  /** Writes a whole answer and ends. */
  reply(status: number, fields: Readonly<Record<string, string>>, body: string | Uint8Array): void;
}

export type Site = (asked: Asked) => void;

export class MisbehavingServer {
  readonly sites = new Map<string, Site>();
  /** `host path` of every request, in order. */
  readonly log: string[] = [];
  /** By host, the most requests at a time. */
  readonly most = new Map<string, number>();
  readonly #open = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  readonly #servers: Server[] = [];
  port = 0;
  tlsPort = 0;

  static readonly certificate = join(root, "test/fixtures/tls/certificate.pem");

  async start(): Promise<void> {
    const key = readFileSync(join(root, "test/fixtures/tls/key.pem"));
    const cert = readFileSync(MisbehavingServer.certificate);
    this.port = await this.#listen(createServer((socket) => this.#serve(socket)));
    this.tlsPort = await this.#listen(createTlsServer({ key, cert }, (socket) => this.#serve(socket)));
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
  }

  forget(): void {
    this.log.length = 0;
    this.most.clear();
  }

  async #listen(server: Server): Promise<number> {
    this.#servers.push(server);
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  #serve(socket: Socket): void {
    let head = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      if (head.includes("\r\n\r\n")) return;
      head += chunk.toString("latin1");
      // As servers answer whoever begins with TLS where none is spoken.
      if (head.startsWith("\x16")) socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
      if (head.includes("\r\n\r\n")) this.#answer(socket, head);
    });
  }

  #answer(socket: Socket, head: string): void {
    const path = head.split(" ")[1] ?? "";
    const host = (/^host: ([^:\r]*)/im.exec(head)?.[1] ?? "").replace(/\.test$/, "");
    const earlier = this.log.filter((entry) => entry === `${host} ${path}`).length;
    this.log.push(`${host} ${path}`);
    const open = (this.#open.get(host) ?? 0) + 1;
    this.#open.set(host, open);
    this.most.set(host, Math.max(open, this.most.get(host) ?? 0));
    socket.on("close", () => this.#open.set(host, (this.#open.get(host) ?? 1) - 1));
    const reply: Asked["reply"] = (status, fields, body) => {
      const bytes = Buffer.from(body);
      const lines = Object.entries({ "Content-Length": String(bytes.length), ...fields }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} \r\n${lines.join("")}\r\n`), bytes]));
    };
    (this.sites.get(host) ?? (({ reply: say }) => say(404, {}, "")))({ socket, host, path, head, earlier, reply });
  }
}
