# bash completion for sluice. Stage names come from the program itself, so they are always those it has.

_sluice_stages() {
    "${COMP_WORDS[0]}" stages 2>/dev/null | awk '$1 ~ /^[a-z][a-z0-9_]*$/ { print $1 }'
}

_sluice_files() { # EXTENSION…: files that end so, and folders
    local extension
    compopt -o filenames 2>/dev/null
    for extension in "$@"; do
        compgen -f -X "!*.$extension" -- "$word"
    done
    compgen -d -- "$word"
}

_sluice() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= i
    local commands="run predict runs stages check shell"
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -*) ;;
        *)
            command=${COMP_WORDS[i]}
            break
            ;;
        esac
    done

    case $previous in
    --session)
        mapfile -t COMPREPLY < <(_sluice_files session)
        return
        ;;
    -o)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    --memory)
        mapfile -t COMPREPLY < <(compgen -W "512M 1G 2G 4G 8G" -- "$word")
        return
        ;;
    --threads)
        mapfile -t COMPREPLY < <(compgen -W "1 $(nproc 2>/dev/null)" -- "$word")
        return
        ;;
    --set)
        mapfile -t COMPREPLY < <(compgen -W "$(_sluice_stages)" -S . -- "$word")
        compopt -o nospace 2>/dev/null
        return
        ;;
    esac

    case $command in
    run)
        if [[ $word == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "--set --session --threads --memory --json" -- "$word")
        else
            mapfile -t COMPREPLY < <(_sluice_files sluice)
        fi
        ;;
    check) mapfile -t COMPREPLY < <(_sluice_files sluice) ;;
    predict)
        if [[ $word == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "-o" -- "$word")
        elif [[ $previous == predict ]]; then
            mapfile -t COMPREPLY < <(_sluice_files session)
        else
            mapfile -t COMPREPLY < <(_sluice_files csv tsv jsonl csv.gz tsv.gz jsonl.gz csv.zst tsv.zst jsonl.zst)
        fi
        ;;
    runs) mapfile -t COMPREPLY < <(compgen -d -- "$word") && compopt -o filenames 2>/dev/null ;;
    stages) mapfile -t COMPREPLY < <(compgen -W "$(_sluice_stages)" -- "$word") ;;
    *)
        if [[ $word == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "--help --version --plain --threads --memory" -- "$word")
        else
            mapfile -t COMPREPLY < <(
                [[ -n $command ]] || compgen -W "$commands" -- "$word"
                _sluice_files sluice session csv tsv jsonl gz zst
            )
        fi
        ;;
    esac
}

complete -F _sluice sluice
