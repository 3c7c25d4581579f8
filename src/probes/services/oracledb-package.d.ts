/** The part of the package `oracledb` that is used here; it comes without types, and need not be there. */
declare module 'oracledb' {
  namespace oracledb {
    interface Result {
      /** Of a query. */
      readonly rows?: readonly unknown[];
      /** Of a change. */
      readonly rowsAffected?: number;
    }
    interface ExecuteOptions {
      readonly autoCommit: boolean;
      readonly maxRows: number;
      readonly fetchArraySize: number;
      readonly prefetchRows: number;
    }
    interface Connection {
      execute(statement: string, binds: readonly unknown[], options: ExecuteOptions): Promise<Result>;
      close(): Promise<void>;
    }
    interface Login {
      readonly user: string;
      readonly password: string;
      readonly connectString: string;
    }
    function getConnection(login: Login): Promise<Connection>;
  }
  export = oracledb;
}
