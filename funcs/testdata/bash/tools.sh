set -eu

# @onex:function
# Backup files to specified directory
# @param source_dir the directory to copy
# @param backup_dir
# @returns 0 when all went well
# @error BACKUP_FAILED
# @raises PERMISSION_DENIED
# @side_effect creates backup files
# @side_effect logs backup operations
backup_files() {
    local name
    cp -r "$1" "$2"
}

# not a tool
regular() { :; }

# @onex_function
# @param {number} count
function process_logs
{
    case $1 in
    a) echo "$(case x in x) echo ")";; esac)" ;;
    (b) echo ;;
    esac
}

# @onex:function
# marks nothing

function last() ( echo )
