/** Shells that completion can be set up for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

/**
 * What a shell runs to complete `fedx`: it asks `fedx complete`, which answers with a candidate a line, a tab, and what it
 * means. So that a script stays right when commands, keys or plugins are added.
 */
export const completionScripts: Readonly<Record<Shell, string>> = {
  // Works with the bash 3.2 of macOS. Bash cuts words at = and :, the command line itself says which belong together; what
  // it puts into the line replaces only what comes after the last of those.
  bash: `_fedx() {
  local IFS=$' \\t\\n' line=\${COMP_LINE:0:COMP_POINT} words=() word index last candidate current prefix
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if ((index == 0)) || [[ $line == [[:space:]]* ]]; then
      line=\${line#"\${line%%[![:space:]]*}"}
      last=\${#words[@]}
      words[last]=
    fi
    if ((index == COMP_CWORD)); then word=$line; fi
    words[last]+=$word
    line=\${line#"$word"}
  done
  current=\${words[last]}
  prefix=
  if [[ $COMP_WORDBREAKS == *=* && $current == *=* ]]; then prefix=\${current%"\${current##*=}"}; fi
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    printf -v word %q "\${candidate#"$prefix"}"
    [[ $word == *[/=.] ]] || word+=' '
    COMPREPLY+=("$word")
  done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -o nospace -F _fedx fedx
`,
  zsh: `#compdef fedx
_fedx() {
  local line value
  local -a whole wholeTexts open openTexts
  for line in "\${(@f)$("$words[1]" complete -- "\${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
    value=\${line%%$'\\t'*}
    [[ -n $value ]] || continue
    if [[ $value == *[/=.] ]]; then
      open+=("$value")
      openTexts+=("\${line/$'\\t'/  -- }")
    else
      whole+=("$value")
      wholeTexts+=("\${line/$'\\t'/  -- }")
    fi
  done
  (($#whole)) && compadd -l -d wholeTexts -a whole
  (($#open)) && compadd -l -S '' -d openTexts -a open
  (($#whole + $#open)) || _files
}
if [[ $funcstack[1] == _fedx ]]; then
  _fedx "$@"
else
  compdef _fedx fedx
fi
`,
  fish: `function __fedx_complete
    set -l words (commandline -opc)
    $words[1] complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c fedx -f -a '(__fedx_complete)'
`,
};
