"""The one question that Windows is asked: a PowerShell script that prints CIM facts as JSON.

It names every property that it wants, so no serial number, host name, user name or address is ever read.
"""

# One script, so that PowerShell starts once. Property sets only: it must also run where policy forbids method calls.
# Each class is asked alone, so that one that is missing or refused leaves the others.
QUERY = r"""
$ErrorActionPreference = 'SilentlyContinue'
try { [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false } catch { }
function Ask($class, $fields, $space = 'root/cimv2') {
  Get-CimInstance -Namespace $space -ClassName $class -Property $fields | Select-Object -Property $fields
}
$disks = 'root/Microsoft/Windows/Storage'
$adapters = 'HKLM:\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}\0*'
@{
  System = @(Ask Win32_ComputerSystem ('Manufacturer', 'Model', 'PCSystemType', 'HypervisorPresent'))
  Processor = @(Ask Win32_Processor ('Name', 'NumberOfCores', 'NumberOfLogicalProcessors', 'MaxClockSpeed',
    'Architecture'))
  OperatingSystem = @(Ask Win32_OperatingSystem ('Caption', 'Version', 'TotalVisibleMemorySize',
    'FreePhysicalMemory', 'SystemDrive'))
  Enclosure = @(Ask Win32_SystemEnclosure ('ChassisTypes'))
  Battery = @(Ask Win32_Battery ('BatteryStatus'))
  PageFile = @(Ask Win32_PageFileUsage ('AllocatedBaseSize', 'CurrentUsage'))
  Video = @(Get-CimInstance Win32_VideoController | Select-Object Name, AdapterCompatibility, AdapterRAM,
    DriverVersion, @{ n = 'Bus'; e = { ($_.PNPDeviceID -split '\\')[0] } },
    @{ n = 'Ids'; e = { ($_.PNPDeviceID -split '\\')[1] } })
  Registry = @(Get-ItemProperty $adapters | Select-Object DriverDesc, MatchingDeviceId,
    @{ n = 'MemorySize'; e = { $_.'HardwareInformation.qwMemorySize' } })
  LogicalDisk = @(Ask Win32_LogicalDisk ('DeviceID', 'DriveType', 'FileSystem'))
  Partition = @(Ask MSFT_Partition ('DiskNumber', 'DriveLetter') $disks)
  Disk = @(Ask MSFT_Disk ('Number', 'BusType') $disks)
  PhysicalDisk = @(Ask MSFT_PhysicalDisk ('DeviceId', 'Size', 'MediaType', 'BusType') $disks)
  DiskDrive = @(Ask Win32_DiskDrive ('Index', 'Size', 'Model'))
  Network = @(Ask Win32_NetworkAdapter ('Speed', 'NetConnectionStatus', 'PhysicalAdapter'))
} | ConvertTo-Json -Depth 4 -Compress
"""

# Without the user's profile, which may print greetings or take seconds. Not encoded: that looks like malware.
COMMAND = ("powershell.exe", "-NoProfile", "-NonInteractive", "-Command", QUERY)
