/** A machine that scripts can be run on: this one, or a real server over SSH. */
export interface Shell {
  /** Runs it by sh(1). Never rejects. */
  run(script: string, options: RunOptions): Promise<ShellResult>;
  /** Lets go of what it holds; it runs nothing any more. */
  close(): Promise<void>;
}

export interface RunOptions {
  /** Milliseconds for all of it. */
  readonly deadline: number;
  /** Whether it has to be root's: by sudo(8) where the user is another. */
  readonly asRoot: boolean;
  readonly signal?: AbortSignal;
}

export type ShellResult =
  | { readonly ok: true; readonly status: number; readonly stdout: string; readonly stderr: string }
  | { readonly ok: false; readonly fault: ShellFault };

/** Why a script did not run to its end. */
export interface ShellFault {
  readonly code: ShellFaultCode;
  /** One line, without secrets. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

export type ShellFaultCode =
  | 'unreachable'
  | 'host-key-unknown'
  | 'host-key-differs'
  | 'login-refused'
  | 'login-impossible'
  | 'sudo-refused'
  | 'timed-out'
  | 'output-too-long'
  | 'lost'
  | 'aborted';
