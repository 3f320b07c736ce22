# Builds the packaged program for Windows: a directory, and a zip of it with its checksum.
# NOT VERIFIED: written after PyInstaller's documentation; nobody has run it on Windows yet.
#
# Needs 64-bit Windows 10 or newer and Python 3.11 or newer (py.exe). Run it in a clone:
#     powershell -ExecutionPolicy Bypass -File packaging\windows\build.ps1
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")

py -3 -m venv .venv-package
$python = ".venv-package\Scripts\python.exe"
& $python -m pip install --constraint constraints.txt setuptools
& $python -m pip install --constraint constraints.txt --no-build-isolation --editable ".[package]"
& $python -m tools.package_icons
& $python -m PyInstaller --noconfirm --distpath build\package\tree --workpath build\package\work smtpy.spec
if ($LASTEXITCODE -ne 0) { throw "PyInstaller failed" }

# The self-test must find every part well before anything is handed out.
& build\package\tree\smtpy-desktop\smtpy-desktop.exe --profile build\package\selftest selftest
if ($LASTEXITCODE -ne 0) { throw "the self-test of the packaged program failed" }

$version = & $python -c "import smtpy_desktop; print(smtpy_desktop.__version__)"
$zip = "build\package\smtpy-desktop-$version-windows-x86_64.zip"
Compress-Archive -Force -Path build\package\tree\smtpy-desktop -DestinationPath $zip
(Get-FileHash -Algorithm SHA256 $zip).Hash.ToLower() + "  " + (Split-Path -Leaf $zip) |
    Set-Content -Encoding ascii build\package\SHA256SUMS-windows
# Signing (signtool sign /fd SHA256 /tr ... smtpy-desktop.exe) needs a certificate and is not done here: Windows warns
# before the first start of an unsigned program.
