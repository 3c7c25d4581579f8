/** Synchronization daemons: one director tells the other of its connections, so that they live on when it takes over. */

/** The master tells, the backup hears. There is one place for each in a table, and both can run side by side. */
export type DaemonState = 'master' | 'backup';

export interface SyncDaemon {
  readonly state: DaemonState;
  /** The network interface that it sends or listens on. */
  readonly interface: string;
  /** 0 to 255; 0 in a backup takes the connections of every master. */
  readonly syncId: number;
  /** Bytes of a message, at most; the kernel fits it to the interface where it is not said. */
  readonly maxLength?: number;
  /** The multicast group, port and hops; 224.0.0.81, 8848 and 1 where they are not said. */
  readonly group?: string;
  readonly port?: number;
  readonly ttl?: number;
}

/** Those of one table. Its calls reject with an error that has the name of an errno as its `code`. */
export interface SyncDaemons {
  daemons(): Promise<readonly SyncDaemon[]>;
  /** EEXIST where one of this state runs. */
  startDaemon(daemon: SyncDaemon): Promise<void>;
  /** ESRCH where none of this state runs. */
  stopDaemon(state: DaemonState): Promise<void>;
  /** Whether the table balances nothing while a backup runs, as net.ipv4.vs.backup_only says at this moment. */
  isBackupOnly(): boolean;
  /**
   * The number of an interface; null where it is not known. One that was made anew has another: daemons that run on the one
   * before are neither heard nor hear any more.
   */
  numberOf(name: string): number | null;
}
