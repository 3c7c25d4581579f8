/** `completion`: what completes the command line in a shell, made from the table of verbs. */

import { type Command, done, usage } from './command.js';
import { daemonClient } from './daemon-client.js';
import { optionRows } from './help.js';
import { type VerbRow, verbTable } from './table.js';

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

export function bashCompletion(): string {
  const files = verbTable.filter(({ completes }) => completes === 'file').map(({ name }) => name);
  return `# Completes the command line of ldirectord in bash; made by: ldirectord completion bash
_ldirectord() {
  local word=\${COMP_WORDS[COMP_CWORD]} config= verb= candidates= i
  # A server's port is behind a colon, at which bash breaks words.
  if declare -F _get_comp_words_by_ref > /dev/null; then
    local words cword
    _get_comp_words_by_ref -n : -c word -w words -i cword
  else
    local words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
  fi
  for ((i = 1; i < cword; i++)); do
    case \${words[i]} in
      --backend) ((i++)) ;;
      -*) ;;
      ${words(
        verbTable.map(({ name }) => name),
        '|',
      )}) verb=\${words[i]}; break ;;
      *) config=\${words[i]} ;;
    esac
  done
  case $verb in
    '') candidates='${words([...verbTable.map(({ name }) => name), ...longOptions(optionRows)], ' ')}' ;;
${verbTable.map(bashCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "$word"))
  [[ -z $verb ${files.map((name) => `|| $verb == ${name}`).join(' ')} ]] && COMPREPLY+=($(compgen -f -- "$word"))
  declare -F __ltrim_colon_completions > /dev/null && __ltrim_colon_completions "$word"
  return 0
}
complete -F _ldirectord ldirectord
`;
}

function bashCase(row: VerbRow): string {
  const options = words(['--help', ...longOptions(row.options ?? [])], ' ');
  if (row.completes === 'server') {
    const servers = `$(ldirectord \${config:+"$config"} completion servers 2> /dev/null)`;
    return `    ${row.name}) if [[ $word == -* ]]; then candidates='${options}'; else candidates="${servers}"; fi ;;`;
  }
  if (row.completes === 'file') return `    ${row.name}) [[ $word == -* ]] && candidates='${options}' ;;`;
  return `    ${row.name}) candidates='${words([...(row.completes ?? []), options], ' ')}' ;;`;
}

export function zshCompletion(): string {
  const described = verbTable.map(({ name, summary }) => `'${name}:${zshText(summary)}'`);
  return `#compdef ldirectord
# Completes the command line of ldirectord in zsh; made by: ldirectord completion zsh
_ldirectord() {
  local -a verbs=(
    ${described.join('\n    ')}
  )
  local -a servers
  local config= verb= i
  for ((i = 2; i < CURRENT; i++)); do
    case $words[i] in
      --backend) ((i++)) ;;
      -*) ;;
      ${words(
        verbTable.map(({ name }) => name),
        '|',
      )}) verb=$words[i]; break ;;
      *) config=$words[i] ;;
    esac
  done
  case $verb in
    '') _describe verb verbs; compadd -- ${words(longOptions(optionRows), ' ')}; _files ;;
${verbTable.map(zshCase).join('\n')}
  esac
}
_ldirectord "$@"
`;
}

function zshCase(row: VerbRow): string {
  const options = `compadd -- ${words(['--help', ...longOptions(row.options ?? [])], ' ')}`;
  if (row.completes === 'server') {
    const servers = `servers=(\${(f)"$(ldirectord \${config:+$config} completion servers 2> /dev/null)"}); compadd -a servers`;
    return `    ${row.name}) ${servers}; ${options} ;;`;
  }
  if (row.completes === 'file') return `    ${row.name}) _files; ${options} ;;`;
  const fixed = row.completes === undefined ? '' : `compadd -- ${words(row.completes, ' ')}; `;
  return `    ${row.name}) ${fixed}${options} ;;`;
}

function longOptions(rows: readonly (readonly [string, string])[]): string[] {
  return rows.flatMap(([name]) => name.match(/--[a-z-]+/g) ?? []);
}

/** Colons separate a name from its words there, and quotes end them. */
function zshText(summary: string): string {
  return summary.replaceAll('`', '').replaceAll("'", '’').replaceAll(':', '\\:');
}

function words(list: readonly string[], separator: string): string {
  return list.join(separator);
}
