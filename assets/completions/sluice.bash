# bash completion for sluice. What may come next is asked of the program itself, which knows its commands, options, stages
# and parameters; only files are looked for here.

_sluice() {
    local word=${COMP_WORDS[COMP_CWORD]} line extensions
    local -a words=()
    # bash cuts words at "=": a value's first word is then "=" itself.
    [[ $word == = ]] && word=
    while IFS= read -r line; do
        case $line in
        :files*)
            extensions=${line#:files}
            compopt -o filenames 2>/dev/null
            ;;
        :folders)
            compopt -o filenames 2>/dev/null
            ;;
        :nospace)
            compopt -o nospace 2>/dev/null
            ;;
        :words) ;;
        *) words+=("$line") ;;
        esac
        if [[ $line == :files* ]]; then
            local extension
            if [[ -z $extensions ]]; then
                mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
            else
                for extension in $extensions; do
                    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -X "!*.$extension" -- "$word")
                done
                mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$word")
            fi
        elif [[ $line == :folders ]]; then
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$word")
        fi
    done < <("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    for line in "${words[@]}"; do
        [[ $line == "$word"* ]] && COMPREPLY+=("$line")
    done
}

complete -F _sluice sluice
