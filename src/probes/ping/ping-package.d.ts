/** The part of the package `ping` that is used here; it comes without types. */
declare module 'ping' {
  interface Config {
    /** Replies to wait for. */
    readonly min_reply: number;
    /** Seconds after which the program ends, whatever it got. */
    readonly deadline: number;
    /** Seconds to wait for a reply to the last request. */
    readonly timeout: number;
    readonly v6: boolean;
    /** Further arguments of the program. */
    readonly extra: readonly string[];
  }
  interface Response {
    readonly alive: boolean;
    /** What the program wrote, standard error included. */
    readonly output: string;
  }
  const ping: {
    readonly promise: { probe(address: string, config: Config): Promise<Response> };
  };
  export = ping;
}
