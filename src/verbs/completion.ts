/** `completion`: what completes the command line in a shell, made from the table of verbs. */

import { backendNames } from '../ipvs/capabilities.js';
import { type Command, done, usage } from './command.js';
import { daemonClient } from './daemon-client.js';
import { optionRows } from './help.js';
import { type Row, type VerbRow, verbTable } from './table.js';

/** Milliseconds that a completion may take: somebody waits with a finger on the key. */
const patience = 1_000;

/** `servers` prints what the servers of a running daemon are called, or nothing. */
export async function completion(command: Command): Promise<number> {
  const [what, ...more] = command.args;
  if (more.length > 0) throw usage('completion: needs one SHELL: bash or zsh');
  switch (what) {
    case 'bash':
      process.stdout.write(bashCompletion());
      return done;
    case 'zsh':
      process.stdout.write(zshCompletion());
      return done;
    case 'servers': {
      const client = await daemonClient(command);
      const names = (await client.once('names', {}, patience).catch(() => [])) as readonly string[];
      process.stdout.write(names.map((name) => `${name}\n`).join(''));
      return done;
    }
    default:
      throw usage('completion: needs one SHELL: bash or zsh');
  }
}

/**
 * Options where the word begins with a dash or nothing else can stand there; otherwise the first argument of the verb,
 * or the verb itself. It needs nothing but bash: where bash breaks words at colons, as in ADDRESS:PORT, they are put
 * together again, and what is offered begins behind the last colon. Nothing that a daemon says is expanded.
 */
export function bashCompletion(): string {
  return `# Completes the command line of ldirectord in bash; made by: ldirectord completion bash
_ldirectord() {
  local words=("\${COMP_WORDS[0]}") word behind= config= verb= kind= fixed= options= given=0 i
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $COMP_WORDBREAKS == *:* && ( $word == +(:) || \${words[-1]} == *: ) ]]; then words[-1]+=$word
    else words+=("$word"); fi
  done
  word=\${words[-1]}
  [[ $COMP_WORDBREAKS == *:* && $word == *:* ]] && behind=\${word%"\${word##*:}"}
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    case \${words[i]} in
      ${valuedOptions.join('|')}) ((i++)) ;;
      -*) ;;
      *)
        if [[ -n $verb ]]; then ((given++))
        else
          case \${words[i]} in
            ${verbNames.join('|')}) verb=\${words[i]} ;;
            *) config=\${words[i]} ;;
          esac
        fi ;;
    esac
  done
  case $verb in
    '') fixed='${verbNames.join(' ')}' options='${longOptions(optionRows).join(' ')}' ;;
${verbTable.map(verbCase).join('\n')}
  esac
  if ((i >= \${#words[@]})); then
    fixed= kind= options=
    [[ \${words[-2]} == --backend ]] && fixed='${backendNames.join(' ')}'
  elif [[ $word == -* ]] || ((given > 0)) || [[ -z $kind$fixed ]]; then fixed=$options kind=
  elif [[ -z $verb$config ]]; then kind=file
  fi
  COMPREPLY=()
  while IFS= read -r i; do
    [[ -n $i && $i == "$word"* ]] && COMPREPLY+=("\${i#"$behind"}")
  done < <(
    printf '%s\\n' \${fixed// /$'\\n'}
    [[ $kind == server ]] && ldirectord \${config:+"$config"} completion servers 2> /dev/null
  )
  if [[ $kind == file ]]; then
    compopt -o filenames 2> /dev/null
    while IFS= read -r i; do COMPREPLY+=("\${i#"$behind"}"); done < <(compgen -f -- "$word")
  fi
  return 0
}
complete -F _ldirectord ldirectord
`;
}

/** As in bash. Loaded from a folder of \`fpath\` it completes at once; \`source\` makes it known. */
export function zshCompletion(): string {
  const described = verbTable.map(({ name, summary }) => `'${name}:${zshText(summary)}'`);
  return `#compdef ldirectord
# Completes the command line of ldirectord in zsh; made by: ldirectord completion zsh
_ldirectord() {
  local -a verbs=(
    ${described.join('\n    ')}
  )
  local -a servers
  local config= verb= kind= fixed= options= i
  local -i given=0
  for ((i = 2; i < CURRENT; i++)); do
    case $words[i] in
      ${valuedOptions.join('|')}) ((i++)) ;;
      -*) ;;
      *)
        if [[ -n $verb ]]; then ((given++))
        elif ((\${verbs[(I)$words[i]:*]})); then verb=$words[i]
        else config=$words[i]; fi ;;
    esac
  done
  case $verb in
    '') kind=verb options='${longOptions(optionRows).join(' ')}' ;;
${verbTable.map(verbCase).join('\n')}
  esac
  if ((i > CURRENT)); then
    [[ $words[CURRENT-1] == --backend ]] && compadd -- ${backendNames.join(' ')}
  elif [[ $PREFIX == -* || -z $kind$fixed ]] || ((given > 0)); then compadd -- \${=options}
  else
    case $kind in
      verb) _describe verb verbs; [[ -n $config ]] || _files ;;
      server)
        servers=(\${(f)"$(ldirectord \${config:+"\${(Q)config}"} completion servers 2> /dev/null)"})
        compadd -a servers ;;
      file) _files ;;
      *) compadd -- \${=fixed} ;;
    esac
  fi
}
if [[ $funcstack[1] == _ldirectord ]]; then _ldirectord "$@"; else compdef _ldirectord ldirectord; fi
`;
}

const verbNames = verbTable.map(({ name }) => name);

/** Those that take the word behind them; what they are called means the same for every verb. */
const valuedOptions = [
  ...new Set([optionRows, ...verbTable.map((row) => row.options ?? [])].flat().flatMap(valuedWords)),
];

function valuedWords([name]: Row): string[] {
  return / [A-Z]/.test(name) ? (name.match(/-[a-z-]+/g) ?? []) : [];
}

/** What the verb takes, in the words of both shells. */
function verbCase({ name, completes, options }: VerbRow): string {
  const first = typeof completes === 'string' ? `kind=${completes} ` : completes && `fixed='${completes.join(' ')}' `;
  return `    ${name}) ${first ?? ''}options='${['--help', ...longOptions(options ?? [])].join(' ')}' ;;`;
}

function longOptions(rows: readonly Row[]): string[] {
  return rows.flatMap(([name]) => name.match(/--[a-z-]+/g) ?? []);
}

/** Colons separate a name from its words there, and quotes end them. */
function zshText(summary: string): string {
  return summary.replaceAll('`', '').replaceAll("'", '’').replaceAll(':', '\\:');
}
