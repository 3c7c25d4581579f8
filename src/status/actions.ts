/** What can be done to servers from outside, by whoever is allowed to. */

export interface Actions {
  /**
   * Takes a real server, named as the log does (`10.0.0.1:80`), out of use in every virtual that has it: no new
   * connections, established ones go on. Rejects with a reason for people where that cannot be done.
   */
  drain(server: string): Promise<void>;
  /** Ends that. */
  undrain(server: string): Promise<void>;
}
